// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a snapshot of a namespace every monitor_interval_ms, and reports each
 * destination whose level has changed: to pollers of /proc/net/tw_summary, to
 * the tracepoint tw_level, and to the log. Costs nothing while the interval is
 * 0.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <net/net_namespace.h>
#include <trace/events/tw_summary.h>

#include "cache.h"
#include "compat/workqueue.h"
#include "compute/event.h"
#include "monitor.h"
#include "compute/names.h"
#include "net.h"
#include "shared.h"
#include "snapshot.h"

/* At most 20 lines in 5 s, from all namespaces together. */
static DEFINE_RATELIMIT_STATE(tws_log_limit, 5 * HZ, 20);

static void tws_log(const struct tws_net *tn, const struct tws_event *event)
{
	char local[TWS_NAME_MAX], remote[TWS_NAME_MAX], netns[24] = "";
	char full[32] = "";

	if (!__ratelimit(&tws_log_limit))
		return;
	tws_local_name(local, event->key, event->dev_name);
	tws_remote_name(remote, event->key);
	if (!net_eq(tn->net, &init_net))
		snprintf(netns, sizeof(netns), " (netns %u)", event->netns);
	if (event->full_ms && event->full_ms != TWS_NEVER)
		snprintf(full, sizeof(full), ", full in %u.%u s",
			 event->full_ms / 1000, event->full_ms % 1000 / 100);
	pr_info("%s -> %s %s: %u of %u ports (%u.%u%%), %u in TIME_WAIT%s%s\n",
		local, remote, tws_level_name(event->new_level),
		event->usable - event->free, event->usable,
		event->use_permille / 10, event->use_permille % 10,
		event->timewait, full, netns);
}

static void tws_level_changed(void *ctx, const struct tws_event *found)
{
	struct tws_net *tn = ctx;
	struct tws_event event = *found;

	event.netns = tn->net->ns.inum;
	trace_tw_level(&event);
	tws_log(tn, &event);
	atomic_inc(&tn->monitor.changes);
}

static void tws_monitor_snapshot(struct tws_net *tn)
{
	const struct tws_levels_sink sink = {
		.changed = tws_level_changed,
		.ctx = tn,
	};
	struct tws_monitor *monitor = &tn->monitor;
	const int before = atomic_read(&monitor->changes);
	struct tws_snapshot *snap = tws_cache_get(tn);

	/* Out of memory: try again with the next snapshot. */
	if (IS_ERR(snap))
		return;
	tws_levels_update(&monitor->levels, snap->rows, snap->table.nr,
			  READ_ONCE(tn->thresholds.hysteresis), &sink);
	tws_snapshot_put(snap);
	if (atomic_read(&monitor->changes) != before)
		wake_up_interruptible_poll(&monitor->wait, EPOLLPRI | EPOLLERR);
}

static void tws_monitor_again(struct tws_net *tn)
{
	u32 interval = READ_ONCE(tn->monitor.interval_ms);

	if (!interval)
		return;
	interval = max(interval, tws_monitor_floor_ms(tn->net));
	mod_delayed_work(system_dfl_wq, &tn->monitor.work,
			 msecs_to_jiffies(interval));
}

static void tws_monitor_work(struct work_struct *work)
{
	struct tws_net *tn = container_of(to_delayed_work(work), struct tws_net,
					  monitor.work);

	tws_monitor_snapshot(tn);
	tws_monitor_again(tn);
}

/**
 * tws_monitor_init() - prepare a monitor that is off
 * @monitor:	the monitor, in a struct tws_net
 */
void tws_monitor_init(struct tws_monitor *monitor)
{
	INIT_DELAYED_WORK(&monitor->work, tws_monitor_work);
	monitor->interval_ms = 0;
	monitor->levels = (struct tws_levels){};
	atomic_set(&monitor->changes, 0);
	init_waitqueue_head(&monitor->wait);
}

/**
 * tws_monitor_set() - switch a monitor on or off, or change its interval
 * @tn:		the namespace
 * @interval_ms: milliseconds between two snapshots, 0 to switch it off
 *
 * Context: process context, may sleep. The caller serialises the calls.
 */
void tws_monitor_set(struct tws_net *tn, u32 interval_ms)
{
	struct tws_monitor *monitor = &tn->monitor;

	WRITE_ONCE(monitor->interval_ms, interval_ms);
	if (interval_ms) {
		mod_delayed_work(system_dfl_wq, &monitor->work, 0);
		return;
	}
	cancel_delayed_work_sync(&monitor->work);
	tws_levels_free(&monitor->levels);
}

/**
 * tws_monitor_stop() - stop the monitor of a namespace that ends
 * @tn:	the namespace; its sysctls are gone
 */
void tws_monitor_stop(struct tws_net *tn)
{
	tws_monitor_set(tn, 0);
}
