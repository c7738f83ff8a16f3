/* SPDX-License-Identifier: GPL-2.0-only */
/* A share of one processor that several jobs use together. */
#ifndef TWS_BUDGET_H
#define TWS_BUDGET_H

#include <linux/math64.h>
#include <linux/types.h>

/**
 * tws_budget_next_ns() - when the next job may begin
 * @start_ns:	when the last one began
 * @cost_ns:	how long it took
 * @percent:	the share, 1 to 100
 *
 * A pause that was not used is lost, so the jobs never exceed the share, however
 * long they rested before.
 */
static inline u64 tws_budget_next_ns(u64 start_ns, u64 cost_ns, u32 percent)
{
	return start_ns + div_u64(cost_ns * 100, percent);
}

#endif /* TWS_BUDGET_H */
