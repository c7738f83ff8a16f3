/* SPDX-License-Identifier: GPL-2.0-only */
/* How bad it is. Pure. */
#ifndef TWS_LEVEL_H
#define TWS_LEVEL_H

#include <linux/math64.h>
#include <linux/types.h>

enum tws_level {
	TWS_OK,
	TWS_WARN,
	TWS_CRIT,
	TWS_FULL_LEVEL,
	TWS_NR_LEVELS,
};

/**
 * struct tws_thresholds - per cent of the usable ports
 * @warn:	from here on a destination is TWS_WARN
 * @crit:	from here on it is TWS_CRIT
 */
struct tws_thresholds {
	u32 warn;
	u32 crit;
};

#define TWS_DEFAULT_THRESHOLDS	{ .warn = 80, .crit = 95 }

/**
 * tws_level() - level of a destination
 * @usable:	ports that it can have
 * @free:	how many of them are free, at most @usable
 * @th:		thresholds
 */
static inline enum tws_level tws_level(u32 usable, u32 free,
				       const struct tws_thresholds *th)
{
	const u64 percent_usable = 100ull * (usable - free);

	if (!free)
		return TWS_FULL_LEVEL;
	if (percent_usable >= (u64)th->crit * usable)
		return TWS_CRIT;
	if (percent_usable >= (u64)th->warn * usable)
		return TWS_WARN;
	return TWS_OK;
}

/**
 * tws_use_permille() - use of a destination's ports, rounded down
 * @usable:	ports that it can have
 * @free:	how many of them are free, at most @usable
 *
 * Return: 0 to 1000; 1000 also if there is none at all.
 */
static inline u32 tws_use_permille(u32 usable, u32 free)
{
	return usable ? div_u64(1000ull * (usable - free), usable) : 1000;
}

#endif /* TWS_LEVEL_H */
