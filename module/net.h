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
 * @list:	place among all namespaces
 * @lock:	one looks at the namespace at a time; guards @latest
 * @latest:	the newest snapshot, shared while it is young enough
 * @limits:	when to warn
 * @monitor:	looks when nobody reads
 * @sysctl:	net.tw_summary.*
 */
struct tws_net {
	struct net *net;
	struct list_head list;
	struct mutex lock;	/* see above */
	struct tws_snapshot *latest;
	struct tws_limits limits;
	struct tws_monitor monitor;
	struct ctl_table_header *sysctl;
};

#endif /* TWS_NET_H */
