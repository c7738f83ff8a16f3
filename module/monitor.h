/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_MONITOR_H
#define TWS_MONITOR_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "budget.h"
#include "compute/levels.h"
#include "compute/unknown.h"

struct mem_cgroup;
struct tws_net;

/**
 * struct tws_monitor - takes snapshots of a namespace by itself
 * @lock:	serialises changes of the interval; reading it takes no lock
 * @interval_ms: net.tw_summary.monitor_interval_ms, 0 if it is off
 * @off:	it is off, or being switched off: a walk for it ends
 * @last:	jiffies when the last snapshot began, or when it was switched on
 * @payer:	control group whose memory its snapshots are; NULL for the
 *		initial namespace
 * @job:	takes the next snapshot
 * @levels:	levels in the last snapshot; used by @job only
 * @unknown:	whether the levels were known lately; used by @job only
 * @changes:	number of changes of a level so far
 * @wait:	pollers
 */
struct tws_monitor {
	struct mutex lock;	/* serialises changes of the interval */
	u32 interval_ms;
	bool off;
	unsigned long last;
	struct mem_cgroup *payer;
	struct tws_job job;
	struct tws_levels levels;
	struct tws_unknown unknown;
	atomic_t changes;
	wait_queue_head_t wait;
};

void tws_monitor_init(struct tws_monitor *monitor);
int tws_monitor_set(struct tws_net *tn, u32 interval_ms);
void tws_monitor_stop(struct tws_net *tn);

#endif /* TWS_MONITOR_H */
