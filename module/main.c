// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading, and the start and end of each network namespace. */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "budget.h"
#include "calls.h"
#include "files.h"
#include "net.h"
#include "snapshot.h"
#include "summary.h"
#include "walk/walk.h"

#define CREATE_TRACE_POINTS
#include <trace/events/tw_summary.h>

static int __net_init tws_net_init(struct net *net)
{
	struct tws_net *tn = tws_net_of(net);
	int err;

	tn->net = net;
	tn->closing = false;
	tws_snapshots_init(&tn->snapshots);
	tws_history_init(&tn->history);
	tws_cache_init(&tn->sources);
	tws_net_thresholds_init(&tn->thresholds);
	tws_monitor_init(&tn->monitor);
	tws_check_init(tn);
	tws_calls_net_init(tn);
	err = tws_sysctls_add(tn);
	if (err)
		return err;
	err = tws_thresholds_proc_add(tn);
	if (err)
		goto no_rules;
	err = tws_callers_proc_add(tn);
	if (err)
		goto no_callers;
	err = tws_sources_proc_add(tn);
	if (err)
		goto no_sources;
	err = tws_proc_add(tn);
	if (err)
		goto no_proc;
	tws_nets_add(tn);
	return 0;

no_proc:
	tws_sources_proc_remove(tn);
no_sources:
	tws_callers_proc_remove(tn);
no_callers:
	tws_thresholds_proc_remove(tn);
no_rules:
	tws_sysctls_remove(tn);
	return err;
}

/*
 * After this a grace period of RCU passes before tws_net_exit(): who looks at
 * @closing in an RCU section has then seen it.
 */
static void __net_exit tws_net_pre_exit(struct net *net)
{
	WRITE_ONCE(tws_net_of(net)->closing, true);
}

/* Close the entry points first, then free what they used. */
static void __net_exit tws_net_exit(struct net *net)
{
	struct tws_net *tn = tws_net_of(net);

	tws_nets_remove(tn);
	tws_proc_remove(tn);
	tws_sources_proc_remove(tn);
	tws_callers_proc_remove(tn);
	tws_thresholds_proc_remove(tn);
	tws_sysctls_remove(tn);
	tws_monitor_stop(tn);
	tws_check_stop(tn);
	tws_snapshots_end(&tn->snapshots);
	tws_cache_end(&tn->sources);
	tws_history_free(&tn->history);
	tws_net_thresholds_free(&tn->thresholds);
	tws_calls_net_end(tn);
}

static struct pernet_operations tws_net_ops = {
	.init		= tws_net_init,
	.pre_exit	= tws_net_pre_exit,
	.exit		= tws_net_exit,
	.id		= &tws_net_id,
	.size		= sizeof(struct tws_net),
};

static int __init tws_init(void)
{
	int err = tws_budget_start();

	if (err)
		return err;
	tws_way_start();
	tws_summaries_start();
	tws_reserve_start();
	err = register_pernet_subsys(&tws_net_ops);
	if (err) {
		tws_reserve_stop();
		tws_budget_stop();
		return err;
	}
	tws_calls_start();
	tws_debugfs_add();
	return 0;
}

static void __exit tws_exit(void)
{
	tws_debugfs_remove();
	tws_calls_stop();
	unregister_pernet_subsys(&tws_net_ops);
	tws_reserve_stop();
	tws_budget_stop();
}

module_init(tws_init);
module_exit(tws_exit);

MODULE_DESCRIPTION("TIME_WAIT and free local ports per destination");
MODULE_AUTHOR("the tw_summary authors");
MODULE_LICENSE("GPL");
/* In a kernel's own tree the version is the kernel's. */
#ifdef TW_VERSION
MODULE_VERSION(TW_VERSION);
#endif
