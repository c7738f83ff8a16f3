// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.monitor_budget_percent: snapshots that nobody waits for take turns in
 * one ordered workqueue, and each waits there until the share of a processor that they
 * have together allows it. So they are taken in the order in which they are due, and
 * what is too much stretches their intervals.
 *
 * They are those of the monitors of all namespaces but the initial one, and those by
 * which the module checks itself (selfcheck.c).
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "budget.h"
#include "compute/budget.h"
#include "shared.h"

/* The budget may be changed while somebody waits: look again after this time. */
#define TWS_BUDGET_LOOK_MS	1000u

static struct workqueue_struct *tws_budget_wq;
static DECLARE_WAIT_QUEUE_HEAD(tws_budget_queue);

/* A timer ends up to a tick late, and jiffies are rounded up. */
#define TWS_BUDGET_LATE_NS	(2 * TICK_NSEC)

/* The last snapshot. Used by the only worker of the ordered workqueue. */
static u64 tws_budget_began;
static u64 tws_budget_cost_ns;

/**
 * tws_budget_start() - prepare the workqueue
 *
 * Return: 0 or -ENOMEM.
 */
int tws_budget_start(void)
{
	tws_budget_wq = alloc_ordered_workqueue("tw_summary", 0);
	return tws_budget_wq ? 0 : -ENOMEM;
}

/**
 * tws_budget_stop() - the opposite; nothing is queued any more
 */
void tws_budget_stop(void)
{
	destroy_workqueue(tws_budget_wq);
}

/**
 * tws_budget_due() - say when a job is due, whatever was said before
 * @work:	the job, which calls tws_budget_wait() and tws_budget_spend()
 * @delay:	jiffies until then
 */
void tws_budget_due(struct delayed_work *work, unsigned long delay)
{
	mod_delayed_work(tws_budget_wq, work, delay);
}

/**
 * tws_budget_ask() - the same, unless the job is due already
 * @work:	the job
 * @delay:	jiffies until then
 *
 * Context: any but NMI.
 */
void tws_budget_ask(struct delayed_work *work, unsigned long delay)
{
	queue_delayed_work(tws_budget_wq, work, delay);
}

/* When the next snapshot may begin. */
static u64 tws_budget_next(void)
{
	return tws_budget_next_ns(tws_budget_began, tws_budget_cost_ns,
				  tws_monitor_budget());
}

static u32 tws_budget_left_ms(void)
{
	const u64 next = tws_budget_next();
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
 * Context: the ordered workqueue.
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
 * Context: the ordered workqueue.
 */
void tws_budget_spend(u64 start_ns, u64 cost_ns)
{
	tws_budget_began = tws_budget_began_ns(tws_budget_next(), start_ns,
					       TWS_BUDGET_LATE_NS);
	tws_budget_cost_ns = cost_ns;
}

/**
 * tws_budget_wake() - somebody need not wait any more
 */
void tws_budget_wake(void)
{
	wake_up_all(&tws_budget_queue);
}
