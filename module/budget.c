// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.monitor_budget_percent: the monitors of all namespaces but the
 * initial one take turns in one ordered workqueue, and each waits there until
 * the share of a processor that they have together allows its snapshot. So they
 * are served in the order in which they are due, and what is too much stretches
 * their intervals.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include "budget.h"
#include "compute/budget.h"
#include "shared.h"

/* The budget may be changed while somebody waits: look again after this time. */
#define TWS_BUDGET_LOOK_MS	1000u

static DECLARE_WAIT_QUEUE_HEAD(tws_budget_queue);

/* The last snapshot. Used by the only worker of the ordered workqueue. */
static u64 tws_budget_start_ns;
static u64 tws_budget_cost_ns;

static u32 tws_budget_left_ms(void)
{
	const u64 next = tws_budget_next_ns(tws_budget_start_ns,
					    tws_budget_cost_ns,
					    tws_monitor_budget());
	const u64 now = ktime_get_ns();

	if (now >= next)
		return 0;
	return min_t(u64, div_u64(next - now, NSEC_PER_MSEC) + 1,
		     TWS_BUDGET_LOOK_MS);
}

/**
 * tws_budget_wait() - wait until the budget allows one more snapshot
 * @off:	ends the wait; who sets it calls tws_budget_wake()
 *
 * Context: the ordered workqueue of the containers' monitors.
 * Return: false if @off was set.
 */
bool tws_budget_wait(const bool *off)
{
	u32 left;

	while (!READ_ONCE(*off)) {
		left = tws_budget_left_ms();
		if (!left)
			return true;
		wait_event_idle_timeout(tws_budget_queue, READ_ONCE(*off),
					msecs_to_jiffies(left));
	}
	return false;
}

/**
 * tws_budget_spend() - a snapshot was taken
 * @start_ns:	when it began, ktime_get_ns()
 * @cost_ns:	how long it took. Time that it waited for a processor counts too.
 *
 * Context: the ordered workqueue of the containers' monitors.
 */
void tws_budget_spend(u64 start_ns, u64 cost_ns)
{
	tws_budget_start_ns = start_ns;
	tws_budget_cost_ns = cost_ns;
}

/**
 * tws_budget_wake() - a monitor was switched off
 */
void tws_budget_wake(void)
{
	wake_up_all(&tws_budget_queue);
}
