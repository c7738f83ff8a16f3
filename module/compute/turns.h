/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns of owners who have a share of one processor together, each an equal part. */
#ifndef TWS_TURNS_H
#define TWS_TURNS_H

#include <linux/math64.h>
#include <linux/types.h>

/**
 * tws_turn_next_ns() - when the next job of an owner may begin
 * @start_ns:	when his last one began, by tws_turn_began_ns()
 * @cost_ns:	how long it took
 * @percent:	the share, 1 to 100
 * @owners:	how many have it together, he too
 *
 * A pause that was not used is lost, so the jobs never exceed the share, however
 * long they rested before.
 */
static inline u64 tws_turn_next_ns(u64 start_ns, u64 cost_ns, u32 percent,
				   u32 owners)
{
	return start_ns + div_u64(cost_ns * 100 * owners, percent);
}

/**
 * tws_turn_began_ns() - when a job counts as begun
 * @allowed_ns:	when it might begin
 * @start_ns:	when it did
 * @late_ns:	how late a timer may be
 *
 * A job that a timer woke too late counts as begun in time, or short jobs would never get
 * their share. The share holds from this time to that of any later job.
 */
static inline u64 tws_turn_began_ns(u64 allowed_ns, u64 start_ns, u64 late_ns)
{
	return start_ns - allowed_ns <= late_ns ? allowed_ns : start_ns;
}

#endif /* TWS_TURNS_H */
