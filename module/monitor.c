// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a snapshot of a namespace every monitor_interval_ms, and reports each
 * destination whose level has changed: to pollers of /proc/net/tw_summary, to
 * the tracepoint tw_level, and for the initial namespace to the log. If the levels are
 * not known for some snapshots in a row, it reports that. Costs nothing while the
 * interval is 0. The initial namespace's monitor runs by itself. The others wait for their
 * owner's turn (budget.c).
 *
 * Checks the module's predictions too, also where nobody reads: a call that finds no port is
 * followed by a snapshot, which predicts how many ports its pair has (failures.c,
 * compute/prediction.h). The next calls show whether that was true, and the snapshot after
 * these counts those that it was not true for. There is at most one check a second for a
 * namespace, and those of all have a turn like an owner's. While a prediction holds, there
 * is one in TWS_PREDICTION_MS for each pair.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <net/net_namespace.h>
#include <trace/events/tw_summary.h>

#include "compat/cgroup.h"
#include "compute/ages.h"
#include "compute/level.h"
#include "compute/names.h"
#include "compute/watch.h"
#include "net.h"
#include "settings.h"
#include "snapshot.h"

/*
 * Only the changes of the initial namespace are logged: a container must neither fill the log
 * of its host nor show its addresses to all who read that log.
 */
static bool tws_is_host(const struct tws_net *tn)
{
	return net_eq(tn->net, &init_net);
}

/* At most 20 lines in 5 s. */
static DEFINE_RATELIMIT_STATE(tws_log_limit, 5 * HZ, 20);

static void tws_describe_use(char *buf, size_t size,
			     const struct tws_event *event)
{
	int len;

	if (!event->shown) {
		snprintf(buf, size, event->new_level == TWS_LEVEL_OK ?
			 "it has no row any more" :
			 "at most, it is among the hidden destinations");
		return;
	}
	if (!event->open) {
		snprintf(buf, size, "every port is reserved");
		return;
	}
	len = scnprintf(buf, size, "%u of %u ports (%u.%u%%)", event->open - event->free,
			event->open, event->use_permille / 10,
			event->use_permille % 10);
	if (!event->key) {
		snprintf(buf + len, size - len, " are lost to every destination");
		return;
	}
	len += scnprintf(buf + len, size - len, ", %u in TIME_WAIT", event->timewait);
	if (event->full_ms && event->full_ms != TWS_NEVER)
		snprintf(buf + len, size - len, ", full in %u.%u s",
			 event->full_ms / 1000, event->full_ms % 1000 / 100);
}

/* To full is a warning, all else a notice. */
static void tws_log_level(const struct tws_event *event)
{
	char local[TWS_NAME_MAX], remote[TWS_NAME_MAX], use[128];

	if (!__ratelimit(&tws_log_limit))
		return;
	tws_local_name(local, event->key, event->dev_name);
	tws_remote_name(remote, event->key);
	tws_describe_use(use, sizeof(use), event);
	if (event->new_level == TWS_LEVEL_FULL)
		pr_warn("%s -> %s full: %s\n", local, remote, use);
	else
		pr_notice("%s -> %s %s: %s\n", local, remote,
			  tws_level_name(event->new_level), use);
}

static void tws_log_unknown(bool unknown)
{
	if (!__ratelimit(&tws_log_limit))
		return;
	if (unknown)
		pr_warn("no level is known: not all sockets or ports could be counted (complete=no)\n");
	else
		pr_notice("the levels are known again\n");
}

static void tws_level_changed(void *ctx, const struct tws_event *found)
{
	struct tws_net *tn = ctx;
	struct tws_event event = *found;

	event.netns = tn->net->ns.inum;
	trace_tw_level(&event);
	if (tws_is_host(tn))
		tws_log_level(&event);
	atomic_inc(&tn->monitor.changes);
}

/* Return whether the levels are known. */
static bool tws_monitor_compare(struct tws_net *tn, const struct tws_summary *sum)
{
	const struct tws_watch_sink sink = {
		.changed = tws_level_changed,
		.ctx = tn,
	};
	const struct tws_watch_look look = {
		.rows = &sum->table.rows,
		.fresh = &sum->fresh,
		.unseen_level = tws_summary_unseen_level(sum),
		.hysteresis = READ_ONCE(tn->thresholds.hysteresis),
	};
	const int err = tws_watch_update(&tn->monitor.watch, &look, &sink);

	return !err && tws_summary_knows_level(sum);
}

static void tws_monitor_known(struct tws_net *tn, bool known)
{
	const enum tws_unknown_news news = tws_unknown_look(&tn->monitor.unknown, known);

	if (news == TWS_UNKNOWN_NO_NEWS)
		return;
	trace_tw_level_unknown(tn->net->ns.inum, news == TWS_UNKNOWN_LOST);
	if (tws_is_host(tn))
		tws_log_unknown(news == TWS_UNKNOWN_LOST);
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

void tws_monitor_init(struct tws_monitor *monitor)
{
	memset(monitor, 0, sizeof(*monitor));
	mutex_init(&monitor->lock);
	monitor->off = true;
	tws_job_init(&monitor->job, tws_monitor_run);
	init_waitqueue_head(&monitor->wait);
}

/* A container pays for its own snapshots: the memory of a kworker would be the host's. */
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
	tws_watch_free(&monitor->watch);
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

void tws_monitor_stop(struct tws_net *tn)
{
	tws_monitor_set(tn, 0);
}

/* So it is at most one a second. */
#define TWS_CHECK_DELAY	HZ

static void tws_check_run(struct tws_job *job)
{
	struct tws_net *tn = container_of(job, struct tws_net, check);
	struct tws_snapshot *snap;

	/* Its memory is the host's. There is one at a time, and nobody keeps it. */
	snap = tws_snapshot_take(tn, &tn->closing);
	if (!IS_ERR(snap))
		tws_snapshot_put(snap);
}

void tws_check_init(struct tws_net *tn)
{
	tws_job_init(&tn->check, tws_check_run);
	tn->check.owner = tws_owner_of_checks();
}

/**
 * tws_check_ask() - check a prediction: take a snapshot soon
 * @tn:		the namespace
 *
 * Context: any but NMI.
 */
void tws_check_ask(struct tws_net *tn)
{
	/* tws_check_stop() comes a grace period after @closing was set. */
	rcu_read_lock();
	if (!READ_ONCE(tn->closing))
		tws_job_ask(&tn->check, TWS_CHECK_DELAY);
	rcu_read_unlock();
}

/**
 * tws_check_stop() - wait until the checks of a namespace that ends have ended
 * @tn:		the namespace
 *
 * Context: process context, may sleep.
 */
void tws_check_stop(struct tws_net *tn)
{
	tws_job_cancel(&tn->check);
}
