// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a snapshot of a namespace every monitor_interval_ms, and reports each
 * destination whose level has changed: to pollers of /proc/net/tw_summary, to
 * the tracepoint tw_level, and for the initial namespace to the log. If the levels are
 * not known for some snapshots in a row, it reports that. Costs nothing while the
 * interval is 0.
 *
 * The initial namespace's monitor runs by itself. The others wait for their owner's turn
 * (budget.c).
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <net/net_namespace.h>
#include <trace/events/tw_summary.h>

#include "compat/memcg.h"
#include "compute/event.h"
#include "levellog.h"
#include "monitor.h"
#include "net.h"
#include "settings.h"
#include "snapshot.h"

static bool tws_is_host(const struct tws_net *tn)
{
	return net_eq(tn->net, &init_net);
}

static void tws_level_changed(void *ctx, const struct tws_event *found)
{
	struct tws_net *tn = ctx;
	struct tws_event event = *found;

	event.netns = tn->net->ns.inum;
	trace_tw_level(&event);
	if (tws_is_host(tn))
		tws_levellog(&event);
	atomic_inc(&tn->monitor.changes);
}

/* Return whether the levels are known. */
static bool tws_monitor_compare(struct tws_net *tn, const struct tws_summary *sum)
{
	const struct tws_levels_sink sink = {
		.changed = tws_level_changed,
		.ctx = tn,
	};
	const struct tws_levels_look look = {
		.rows = &sum->table.rows,
		.fresh = &sum->fresh,
		.unseen_level = tws_summary_unseen_level(sum),
		.hysteresis = READ_ONCE(tn->thresholds.hysteresis),
	};
	const int err = tws_levels_update(&tn->monitor.levels, &look, &sink);

	return !err && tws_summary_knows_level(sum);
}

static void tws_monitor_known(struct tws_net *tn, bool known)
{
	const enum tws_unknown_news news = tws_unknown_look(&tn->monitor.unknown, known);

	if (news == TWS_UNKNOWN_NO_NEWS)
		return;
	trace_tw_level_unknown(tn->net->ns.inum, news == TWS_UNKNOWN_LOST);
	if (tws_is_host(tn))
		tws_levellog_unknown(news == TWS_UNKNOWN_LOST);
	atomic_inc(&tn->monitor.changes);
}

static void tws_monitor_look(struct tws_net *tn)
{
	struct tws_monitor *monitor = &tn->monitor;
	const int before = atomic_read(&monitor->changes);
	struct tws_snapshot *snap = tws_snapshot_renew(tn, &monitor->off);
	bool known = false;

	/* Out of memory: try again with the next snapshot. */
	if (!IS_ERR(snap)) {
		if (tws_snapshot_use(snap)) {
			known = tws_monitor_compare(tn, &snap->summary);
			tws_snapshot_unuse(snap);
		}
		tws_snapshot_put(snap);
	}
	if (!READ_ONCE(monitor->off))
		tws_monitor_known(tn, known);
	if (atomic_read(&monitor->changes) != before)
		wake_up_interruptible_poll(&monitor->wait, EPOLLPRI | EPOLLERR);
}

/* The next snapshot is due one interval after the last one. */
static void tws_monitor_again(struct tws_net *tn)
{
	struct tws_monitor *monitor = &tn->monitor;
	u32 interval = READ_ONCE(monitor->interval_ms);
	unsigned long due;

	if (!interval)
		return;
	interval = max(interval, tws_monitor_floor_ms(tn->net));
	due = READ_ONCE(monitor->last) + msecs_to_jiffies(interval);
	due = time_after(due, jiffies) ? due - jiffies : 0;
	tws_job_due(&monitor->job, due);
}

static void tws_monitor_run(struct tws_job *job)
{
	struct tws_net *tn = container_of(job, struct tws_net, monitor.job);
	struct mem_cgroup *old;

	WRITE_ONCE(tn->monitor.last, jiffies);
	old = tws_compat_payer(tn->monitor.payer);
	tws_monitor_look(tn);
	tws_compat_payer(old);
	tws_monitor_again(tn);
}

/**
 * tws_monitor_init() - prepare a monitor that is off
 * @monitor:	the monitor, in a struct tws_net
 */
void tws_monitor_init(struct tws_monitor *monitor)
{
	memset(monitor, 0, sizeof(*monitor));
	mutex_init(&monitor->lock);
	monitor->off = true;
	tws_job_init(&monitor->job, tws_monitor_run);
	init_waitqueue_head(&monitor->wait);
}

/* A kworker's memory is the host's: the container pays for its own. */
static int tws_monitor_begin(struct tws_net *tn)
{
	struct tws_monitor *monitor = &tn->monitor;

	WRITE_ONCE(monitor->last, jiffies);
	if (tws_is_host(tn))
		return 0;
	monitor->payer = get_mem_cgroup_from_mm(current->mm);
	monitor->job.owner = tws_owner_get(tn->net, monitor->payer);
	if (monitor->job.owner)
		return 0;
	mem_cgroup_put(monitor->payer);
	monitor->payer = NULL;
	return -ENOMEM;
}

static int tws_monitor_on(struct tws_net *tn, u32 interval_ms)
{
	struct tws_monitor *monitor = &tn->monitor;
	int err = monitor->interval_ms ? 0 : tws_monitor_begin(tn);

	if (err)
		return err;
	WRITE_ONCE(monitor->off, false);
	WRITE_ONCE(monitor->interval_ms, interval_ms);
	tws_monitor_again(tn);
	return 0;
}

static void tws_monitor_off(struct tws_net *tn)
{
	struct tws_monitor *monitor = &tn->monitor;

	WRITE_ONCE(monitor->interval_ms, 0);
	WRITE_ONCE(monitor->off, true);
	tws_job_cancel(&monitor->job);
	WRITE_ONCE(monitor->job.late_ms, 0);
	tws_owner_put(monitor->job.owner);
	monitor->job.owner = NULL;
	tws_levels_free(&monitor->levels);
	mem_cgroup_put(monitor->payer);
	monitor->payer = NULL;
	monitor->unknown = (struct tws_unknown){};
}

/**
 * tws_monitor_set() - switch a monitor on or off, or change its interval
 * @tn:		the namespace
 * @interval_ms: milliseconds between two snapshots, 0 to switch it off
 *
 * Context: process context, may sleep. If the monitor is switched off, this waits
 * until a snapshot that it is taking has ended, which is soon.
 * Return: 0, or -ENOMEM.
 */
int tws_monitor_set(struct tws_net *tn, u32 interval_ms)
{
	int err = 0;

	mutex_lock(&tn->monitor.lock);
	if (interval_ms)
		err = tws_monitor_on(tn, interval_ms);
	else
		tws_monitor_off(tn);
	mutex_unlock(&tn->monitor.lock);
	return err;
}

/**
 * tws_monitor_stop() - stop the monitor of a namespace that ends
 * @tn:	the namespace; its sysctls are gone
 */
void tws_monitor_stop(struct tws_net *tn)
{
	tws_monitor_set(tn, 0);
}
