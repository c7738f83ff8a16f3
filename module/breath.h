/* SPDX-License-Identifier: GPL-2.0-only */
/* Chances to reschedule, and how long it is from one to the next. */
#ifndef TWS_BREATH_H
#define TWS_BREATH_H

#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

/**
 * struct tws_breath - when there was the last chance to reschedule
 * @since:	ktime_get_ns() of it
 * @longest_ns:	longest time without one so far
 */
struct tws_breath {
	u64 since;
	u64 longest_ns;
};

/**
 * tws_breath_begin() - begin to measure
 * @breath:	zeroed at first
 */
static inline void tws_breath_begin(struct tws_breath *breath)
{
	breath->since = ktime_get_ns();
}

/**
 * tws_breathe() - let others run
 * @breath:	begun
 *
 * Context: process context, outside RCU, no locks held.
 */
static inline void tws_breathe(struct tws_breath *breath)
{
	breath->longest_ns = max(breath->longest_ns,
				 ktime_get_ns() - breath->since);
	cond_resched();
	breath->since = ktime_get_ns();
}

#endif /* TWS_BREATH_H */
