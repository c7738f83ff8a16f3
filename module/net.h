/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps for each network namespace. */
#ifndef TWS_NET_H
#define TWS_NET_H

#include <linux/list.h>
#include <linux/mutex.h>

#include "monitor.h"
#include "thresholds.h"

struct ctl_table_header;
struct net;
struct tws_snapshot;

/**
 * struct tws_net - one network namespace
 * @net:	the namespace
 * @list:	entry in the list of all namespaces
 * @lock:	guards @latest; held while a snapshot is taken
 * @latest:	the newest snapshot, shared while it is young enough
 * @thresholds:	when to warn
 * @monitor:	takes snapshots at an interval
 * @sysctl:	net.tw_summary.*
 */
struct tws_net {
	struct net *net;
	struct list_head list;
	struct mutex lock;	/* guards @latest; one snapshot at a time */
	struct tws_snapshot *latest;
	struct tws_net_thresholds thresholds;
	struct tws_monitor monitor;
	struct ctl_table_header *sysctl;
};

#endif /* TWS_NET_H */
