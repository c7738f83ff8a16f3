/* SPDX-License-Identifier: GPL-2.0-only */
/* How bad it is. Pure. */
#ifndef TWS_LEVEL_H
#define TWS_LEVEL_H

#include <linux/math64.h>
#include <linux/minmax.h>
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
#define TWS_DEFAULT_HYSTERESIS	5

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
 * tws_level_next() - level of a destination that had one before
 * @old:	level before
 * @usable:	ports that it can have
 * @free:	how many of them are free, at most @usable
 * @th:		thresholds
 * @hysteresis:	per cent by which the use has to fall below the threshold of a
 *		level before the level is left; full is a threshold of 100
 */
static inline enum tws_level
tws_level_next(enum tws_level old, u32 usable, u32 free,
	       const struct tws_thresholds *th, u32 hysteresis)
{
	const enum tws_level now = tws_level(usable, free, th);
	/* Where the use would stand if it were that much higher. */
	const u64 raised = 100ull * (usable - free) + (u64)hysteresis * usable;
	enum tws_level held = TWS_OK;

	if (now >= old)
		return now;
	if (raised >= 100ull * usable)
		held = TWS_FULL_LEVEL;
	else if (raised >= (u64)th->crit * usable)
		held = TWS_CRIT;
	else if (raised >= (u64)th->warn * usable)
		held = TWS_WARN;
	return max(now, min(old, held));
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
