/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module keeps for each network namespace. */
#ifndef TWS_NET_H
#define TWS_NET_H

#include <linux/list.h>

#include "cache.h"
#include "compute/callertable.h"
#include "failures.h"
#include "history.h"
#include "monitor.h"
#include "selfcheck.h"
#include "snapshot.h"
#include "thresholds.h"

struct ctl_table_header;
struct net;

/**
 * struct tws_net - one network namespace
 * @net:	the namespace
 * @list:	entry in the list of all namespaces
 * @closing:	it is on its way out, or the module is: readers' walks end
 * @history:	what is remembered of the last ones
 * @snapshots:	those that somebody has
 * @sources:	the newest ones of tw_sources
 * @thresholds:	when to warn
 * @monitor:	takes snapshots at an interval
 * @failures:	connect() calls that found no port
 * @selfcheck:	asks what is true of a pair that has failed
 * @callers:	who calls connect() and bind()
 * @sysctl:	net.tw_summary.*
 */
struct tws_net {
	struct net *net;
	struct list_head list;
	bool closing;
	struct tws_history history;
	struct tws_snapshots snapshots;
	struct tws_cache sources;
	struct tws_net_thresholds thresholds;
	struct tws_monitor monitor;
	struct tws_net_failures failures;
	struct tws_selfcheck selfcheck;
	struct tws_callertable callers;
	struct ctl_table_header *sysctl;
};

#endif /* TWS_NET_H */
