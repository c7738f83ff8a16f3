/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How close a destination is to running out of ports. A port that bind() has taken is one
 * port less for it, as one that its own connections hold: both count as used.
 */
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
 * struct tws_thresholds - use of the open ports, in per cent
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
 * @open:	ports that are tried and not reserved
 * @free:	how many of them are free, at most @open
 * @th:		thresholds
 */
static inline enum tws_level tws_level(u32 open, u32 free,
				       const struct tws_thresholds *th)
{
	const u64 percent_open = 100ull * (open - free);

	if (!free)
		return TWS_LEVEL_FULL;
	if (percent_open >= (u64)th->crit * open)
		return TWS_LEVEL_CRIT;
	if (percent_open >= (u64)th->warn * open)
		return TWS_LEVEL_WARN;
	return TWS_LEVEL_OK;
}

/**
 * tws_level_next() - level of a destination that had one before
 * @old:	level before
 * @open:	ports that are tried and not reserved
 * @free:	how many of them are free, at most @open
 * @th:		thresholds
 * @hysteresis:	a level is left when the use is this many per cent below its
 *		threshold; that of TWS_LEVEL_FULL is 100
 */
static inline enum tws_level
tws_level_next(enum tws_level old, u32 open, u32 free,
	       const struct tws_thresholds *th, u32 hysteresis)
{
	const enum tws_level now = tws_level(open, free, th);
	/* The use with the hysteresis added, as 100 * ports. */
	const u64 raised = 100ull * (open - free) + (u64)hysteresis * open;
	enum tws_level held = TWS_LEVEL_OK;

	if (now >= old)
		return now;
	if (raised >= 100ull * open)
		held = TWS_LEVEL_FULL;
	else if (raised >= (u64)th->crit * open)
		held = TWS_LEVEL_CRIT;
	else if (raised >= (u64)th->warn * open)
		held = TWS_LEVEL_WARN;
	return max(now, min(old, held));
}

/**
 * tws_use_permille() - use of a destination's ports, rounded down
 * @open:	ports that are tried and not reserved
 * @free:	how many of them are free, at most @open
 *
 * Return: 0 to 1000; 1000 also if there is none at all.
 */
static inline u32 tws_use_permille(u32 open, u32 free)
{
	return open ? div_u64(1000ull * (open - free), open) : 1000;
}

#endif /* TWS_LEVEL_H */
