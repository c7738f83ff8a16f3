/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds that every walk over a hash table of the kernel keeps to. */
#ifndef TWS_STRIDE_H
#define TWS_STRIDE_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

/* Slots in one RCU section, and between two chances to reschedule. */
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
 * tws_rows_resched() - let others run, once in TWS_ROWS_STRIDE rows
 * @nr:	how many rows, or comparisons, there have been
 */
static inline void tws_rows_resched(u32 nr)
{
	if (nr % TWS_ROWS_STRIDE == 0)
		cond_resched();
}

#endif /* TWS_STRIDE_H */
