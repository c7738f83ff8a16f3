/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bounds that every walk over a hash table of the kernel keeps to; chances to reschedule,
 * and how long it is from one to the next.
 */
#ifndef TWS_STRIDE_H
#define TWS_STRIDE_H

#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

/*
 * Slots of the tables of listeners and of bind buckets in one section, and between two chances
 * to reschedule. The established table has a number of its own (walk.c).
 */
#define TWS_STRIDE	256u
/* After so many empty slots it is likely that many follow. */
#define TWS_FEW		8u
/* How often the batch grows for one chain that goes on growing as well. */
#define TWS_GROWTHS	4
/* Rows, or comparisons of rows, between two chances to reschedule. */
#define TWS_ROWS_STRIDE	256
/* Entries in one RCU section or under one lock: below a millisecond. */
#define TWS_ENTRIES	8192u

/**
 * tws_unwanted() - whether nobody waits for a walk any more
 * @stop:	set by who does not want it; or NULL
 *
 * To be asked once per stride.
 */
static inline bool tws_unwanted(const bool *stop)
{
	return (stop && READ_ONCE(*stop)) || fatal_signal_pending(current);
}

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
 * tws_breath_begin() - begin to measure how long it is until others may run
 * @breath:	zeroed at first
 */
static inline void tws_breath_begin(struct tws_breath *breath)
{
	breath->since = ktime_get_ns();
}

/**
 * tws_breathe() - let others run
 * @breath:	begun; or NULL, if nobody measures
 *
 * Context: process context, outside RCU, no locks held.
 */
static inline void tws_breathe(struct tws_breath *breath)
{
	u64 now;

	if (!breath) {
		cond_resched();
		return;
	}
	now = ktime_get_ns();
	breath->longest_ns = max(breath->longest_ns, now - breath->since);
	/* Who was away begins anew. */
	breath->since = cond_resched() ? ktime_get_ns() : now;
}

/**
 * tws_rows_breathe() - let others run, once in TWS_ROWS_STRIDE rows
 * @breath:	as for tws_breathe()
 * @nr:		how many rows, or comparisons, there have been
 */
static inline void tws_rows_breathe(struct tws_breath *breath, u32 nr)
{
	if (nr % TWS_ROWS_STRIDE == 0)
		tws_breathe(breath);
}

/**
 * tws_rows_resched() - let others run, once in TWS_ROWS_STRIDE rows, where nobody measures
 * @nr:	how many rows, or comparisons, there have been
 */
static inline void tws_rows_resched(u32 nr)
{
	tws_rows_breathe(NULL, nr);
}

#endif /* TWS_STRIDE_H */
