/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps for each network namespace, and the list of all. */
#ifndef TWS_NET_H
#define TWS_NET_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#include "budget.h"
#include "cache.h"
#include "compute/callertable.h"
#include "compute/watch.h"
#include "failures.h"
#include "history.h"
#include "thresholds.h"

struct ctl_table_header;
struct mem_cgroup;
struct net;

/**
 * struct tws_snapshots - the snapshots of a namespace
 * @cache:	the newest one
 * @full:	those that have their rows, the oldest first
 * @nr_full:	how many
 */
struct tws_snapshots {
	struct tws_cache cache;
	struct list_head full;
	unsigned int nr_full;
};

/**
 * struct tws_monitor - takes snapshots of a namespace by itself
 * @lock:	serialises changes of the interval; reading it takes no lock
 * @interval_ms: net.tw_summary.monitor_interval_ms, 0 if it is off
 * @off:	it is off, or being switched off: a walk for it ends
 * @last:	jiffies when the last snapshot began, or when it was switched on
 * @payer:	control group whose memory its snapshots are; NULL for the
 *		initial namespace
 * @job:	takes the next snapshot
 * @watch:	levels in the last snapshot; used by @job only
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
	struct tws_watch watch;
	struct tws_unknown unknown;
	atomic_t changes;
	wait_queue_head_t wait;
};

/**
 * struct tws_net - one network namespace
 * @net:	the namespace
 * @list:	entry in the list of all namespaces
 * @closing:	it is on its way out, or the module is: readers' walks end
 * @snapshots:	those that somebody has
 * @history:	what is remembered of the last ones
 * @sources:	the newest ones of tw_sources
 * @thresholds:	when to warn
 * @monitor:	takes snapshots at an interval
 * @check:	takes one after a call that found no port
 * @failures:	calls that found no port, and those that clashed
 * @callers:	who calls connect() and bind()
 * @sysctl:	net.tw_summary.*
 */
struct tws_net {
	struct net *net;
	struct list_head list;
	bool closing;
	struct tws_snapshots snapshots;
	struct tws_history history;
	struct tws_cache sources;
	struct tws_net_thresholds thresholds;
	struct tws_monitor monitor;
	struct tws_job check;
	struct tws_net_failures failures;
	struct tws_callertable callers;
	struct ctl_table_header *sysctl;
};

extern unsigned int tws_net_id;

struct tws_net *tws_net_of(const struct net *net);
void tws_nets_add(struct tws_net *tn);
void tws_nets_remove(struct tws_net *tn);
int tws_nets_get(struct tws_net ***nets);
void tws_nets_each(void (*each)(struct tws_net *tn));
void tws_nets_put(struct tws_net **nets, int nr);

/* monitor.c: the snapshots that nobody waits for. */
void tws_monitor_init(struct tws_monitor *monitor);
int tws_monitor_set(struct tws_net *tn, u32 interval_ms);
void tws_monitor_stop(struct tws_net *tn);
void tws_check_init(struct tws_net *tn);
void tws_check_ask(struct tws_net *tn);
void tws_check_stop(struct tws_net *tn);

#endif /* TWS_NET_H */
