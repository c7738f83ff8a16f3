/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_MONITOR_H
#define TWS_MONITOR_H

#include <linux/atomic.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "compute/levels.h"

struct tws_net;

/**
 * struct tws_monitor - takes snapshots of a namespace by itself
 * @work:	takes the next snapshot
 * @interval_ms: net.tw_summary.monitor_interval_ms, 0 if it is off
 * @levels:	levels in the last snapshot; used by @work only
 * @changes:	number of changes of a level so far
 * @wait:	pollers
 */
struct tws_monitor {
	struct delayed_work work;
	u32 interval_ms;
	struct tws_levels levels;
	atomic_t changes;
	wait_queue_head_t wait;
};

void tws_monitor_init(struct tws_monitor *monitor);
void tws_monitor_set(struct tws_net *tn, u32 interval_ms);
void tws_monitor_stop(struct tws_net *tn);

#endif /* TWS_MONITOR_H */
