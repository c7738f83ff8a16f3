/* SPDX-License-Identifier: GPL-2.0-only */
/* How close a destination is to running out of ports. */
#ifndef TWS_LEVEL_H
#define TWS_LEVEL_H

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/types.h>

enum tws_level {
	TWS_LEVEL_OK,
	TWS_LEVEL_WARN,
	TWS_LEVEL_CRIT,
	TWS_LEVEL_FULL,
	TWS_NR_LEVELS,
};

/**
 * struct tws_thresholds - use of the usable ports, in per cent
 * @warn:	at this use or above a destination is TWS_LEVEL_WARN
 * @crit:	at this use or above it is TWS_LEVEL_CRIT
 */
struct tws_thresholds {
	u32 warn;
	u32 crit;
};

#define TWS_DEFAULT_THRESHOLDS	{ .warn = 80, .crit = 95 }
#define TWS_DEFAULT_HYSTERESIS	5

/**
 * tws_level() - level of a destination
 * @usable:	ports that its connections may use
 * @free:	how many of them are free, at most @usable
 * @th:		thresholds
 */
static inline enum tws_level tws_level(u32 usable, u32 free,
				       const struct tws_thresholds *th)
{
	const u64 percent_usable = 100ull * (usable - free);

	if (!free)
		return TWS_LEVEL_FULL;
	if (percent_usable >= (u64)th->crit * usable)
		return TWS_LEVEL_CRIT;
	if (percent_usable >= (u64)th->warn * usable)
		return TWS_LEVEL_WARN;
	return TWS_LEVEL_OK;
}

/**
 * tws_level_next() - level of a destination that had one before
 * @old:	level before
 * @usable:	ports that its connections may use
 * @free:	how many of them are free, at most @usable
 * @th:		thresholds
 * @hysteresis:	a level is left when the use is this many per cent below its
 *		threshold; that of TWS_LEVEL_FULL is 100
 */
static inline enum tws_level
tws_level_next(enum tws_level old, u32 usable, u32 free,
	       const struct tws_thresholds *th, u32 hysteresis)
{
	const enum tws_level now = tws_level(usable, free, th);
	/* The use with the hysteresis added, as 100 * ports. */
	const u64 raised = 100ull * (usable - free) + (u64)hysteresis * usable;
	enum tws_level held = TWS_LEVEL_OK;

	if (now >= old)
		return now;
	if (raised >= 100ull * usable)
		held = TWS_LEVEL_FULL;
	else if (raised >= (u64)th->crit * usable)
		held = TWS_LEVEL_CRIT;
	else if (raised >= (u64)th->warn * usable)
		held = TWS_LEVEL_WARN;
	return max(now, min(old, held));
}

/**
 * tws_use_permille() - use of a destination's ports, rounded down
 * @usable:	ports that its connections may use
 * @free:	how many of them are free, at most @usable
 *
 * Return: 0 to 1000; 1000 also if there is none at all.
 */
static inline u32 tws_use_permille(u32 usable, u32 free)
{
	return usable ? div_u64(1000ull * (usable - free), usable) : 1000;
}

#endif /* TWS_LEVEL_H */
