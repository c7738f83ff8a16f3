// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading, and the start and end of each network namespace. */
#include <linux/module.h>
#include <net/net_namespace.h>

#include "budget.h"
#include "cache.h"
#include "callers.h"
#include "calls.h"
#include "failures.h"
#include "files.h"
#include "net.h"
#include "nets.h"
#include "refill.h"
#include "selfcheck.h"
#include "snapshot.h"
#include "sourcewalk.h"
#include "way.h"

static int __net_init tws_net_init(struct net *net)
{
	struct tws_net *tn = tws_net_of(net);
	int err;

	tn->net = net;
	tn->closing = false;
	tws_held_init(&tn->held);
	tws_history_init(&tn->history);
	tws_cache_init(&tn->cache);
	tws_sources_cache_init(&tn->sources);
	tws_net_thresholds_init(&tn->thresholds);
	tws_monitor_init(&tn->monitor);
	tws_failures_init(&tn->failures);
	tws_selfcheck_init(&tn->selfcheck);
	tws_callers_init(&tn->callers);
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
	tws_selfcheck_stop(tn);
	tws_cache_drop(&tn->cache);
	tws_sources_cache_drop(&tn->sources);
	tws_held_end(&tn->held);
	tws_history_free(&tn->history);
	tws_net_thresholds_free(&tn->thresholds);
	tws_failures_drop(&tn->failures);
	tws_callers_drop(&tn->callers);
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
	tws_snapshots_start();
	tws_refill_start();
	err = register_pernet_subsys(&tws_net_ops);
	if (err) {
		tws_refill_stop();
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
	tws_refill_stop();
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
