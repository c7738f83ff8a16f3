// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs files "walk", what the module costs, and "ehash", how long the chains
 * are that it walks.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <linux/seq_file.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>

#include "budget.h"
#include "calls.h"
#include "compat/tables.h"
#include "compute/reserve.h"
#include "compute/stride.h"
#include "costs.h"
#include "failures.h"
#include "files.h"
#include "net.h"
#include "walk/chain.h"
#include "walk/walk.h"

static int tws_debug_walk_show(struct seq_file *m, void *v)
{
	struct tws_calls_state calls;
	const enum tws_way way = tws_way();
	struct tws_costs costs;
	u64 walks;

	tws_costs_get(&costs);
	tws_calls_get(&calls);
	walks = max(costs.walks, 1ull);
	seq_printf(m, "walks %llu\ncache_hits %llu\n", costs.walks, costs.hits);
	seq_printf(m, "walk_ns_min %llu\nwalk_ns_mean %llu\nwalk_ns_max %llu\n",
		   costs.ns_min, div64_u64(costs.sum.ns, walks), costs.ns_max);
	seq_printf(m, "sockets_per_walk %llu\n",
		   div64_u64(costs.sum.sockets, walks));
	seq_printf(m, "slots_retried %llu\nslots_locked %llu\n",
		   costs.sum.retried, costs.sum.locked);
	seq_printf(m, "walk_locked %s\nwalk_locked_why %s\n",
		   way == TWS_WAY_UNLOCKED ? "no" : "yes", tws_way_why(way));
	seq_printf(m, "longest_ns_without_resched %llu\n",
		   costs.sum.breath.longest_ns);
	seq_printf(m, "monitor_late_ms_max %u\n", tws_budget_latest_ms());
	seq_printf(m, "bytes_held %lld\nbytes_in_reserve %llu\n",
		   costs.bytes + (s64)tws_chunk_bytes(), calls.reserve_bytes);
	seq_printf(m, "failures_counted %s\n", calls.on ? "yes" : "no");
	seq_printf(m, "failure_probes_missed %llu\nfailure_pairs_forgotten %llu\n",
		   calls.missed, tws_failures_forgotten());
	seq_printf(m, "mispredicted %llu\n", tws_failures_mispredicted());
	return 0;
}

/* Lengths that are counted; the last one stands for all longer chains. */
#define TWS_LENGTHS	17
/* The longest chain that is followed. After as many sockets an RCU section ends. */
#define TWS_LENGTH_MAX	(TWS_ENTRIES / 2)

struct tws_chains {
	u64 slots[TWS_LENGTHS];
	u64 sockets;
	u32 longest;
};

/*
 * Under RCU. Not exact while sockets come and go, and need not be. A longer chain
 * counts as one of TWS_LENGTH_MAX.
 */
static u32 tws_chain_length(struct inet_hashinfo *h, u32 slot)
{
	struct hlist_nulls_node *node;
	u32 length = 0;

	node = tws_chain_first(tws_chain_head(h, slot));
	while (!is_a_nulls(node) && length < TWS_LENGTH_MAX) {
		length++;
		node = rcu_dereference_raw(hlist_nulls_next_rcu(node));
	}
	return length;
}

static int tws_measure_chains(struct tws_chains *chains,
			      struct inet_hashinfo *h)
{
	u32 slot = 0;

	while (slot <= h->ehash_mask) {
		const u32 end = min(slot + TWS_STRIDE, h->ehash_mask + 1);
		u32 seen = 0;

		rcu_read_lock();
		for (; slot < end && seen < TWS_LENGTH_MAX; slot++) {
			const u32 length = tws_chain_length(h, slot);

			seen += length;
			chains->slots[min(length, TWS_LENGTHS - 1u)]++;
			chains->sockets += length;
			chains->longest = max(chains->longest, length);
		}
		rcu_read_unlock();
		cond_resched();
		if (tws_unwanted(NULL))
			return -EINTR;
	}
	return 0;
}

/* A table that several namespaces share is shown once. */
static bool tws_table_was_shown(struct tws_net **nets, int i)
{
	int other;

	for (other = 0; other < i; other++)
		if (tws_compat_hashinfo(nets[other]->net) ==
		    tws_compat_hashinfo(nets[i]->net))
			return true;
	return false;
}

static int tws_show_chains(struct seq_file *m, const struct net *net)
{
	struct inet_hashinfo *h = tws_compat_hashinfo(net);
	struct tws_chains chains = {};
	int err, i;

	err = tws_measure_chains(&chains, h);
	if (err)
		return err;
	seq_printf(m, "# ehash netns=%u slots=%u sockets=%llu longest=%u\n",
		   net->ns.inum, h->ehash_mask + 1, chains.sockets,
		   chains.longest);
	for (i = 0; i < TWS_LENGTHS; i++)
		seq_printf(m, "%d%s %llu\n", i,
			   i == TWS_LENGTHS - 1 ? "+" : "", chains.slots[i]);
	return 0;
}

static int tws_debug_ehash_show(struct seq_file *m, void *v)
{
	struct tws_net **nets;
	int nr, i, err = 0;

	nr = tws_nets_get(&nets);
	if (nr < 0)
		return nr;
	seq_puts(m, "length slots\n");
	for (i = 0; i < nr && !err; i++)
		if (!tws_table_was_shown(nets, i))
			err = tws_show_chains(m, nets[i]->net);
	tws_nets_put(nets, nr);
	return err;
}

DEFINE_SHOW_ATTRIBUTE(tws_debug_walk);
DEFINE_SHOW_ATTRIBUTE(tws_debug_ehash);

/**
 * tws_debug_walk_add() - make the files "walk" and "ehash"
 * @dir:	where
 */
void tws_debug_walk_add(struct dentry *dir)
{
	debugfs_create_file("walk", 0444, dir, NULL, &tws_debug_walk_fops);
	debugfs_create_file("ehash", 0444, dir, NULL, &tws_debug_ehash_fops);
}
