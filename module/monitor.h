/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_MONITOR_H
#define TWS_MONITOR_H

#include <linux/atomic.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "levels.h"

struct tws_net;

/**
 * struct tws_monitor - looks at a namespace when nobody reads
 * @work:	the next look
 * @interval_ms: net.tw_summary.monitor_interval_ms, 0 while there is none
 * @levels:	of the destinations, as of the last look; the work's own
 * @changes:	how often a level has changed
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
