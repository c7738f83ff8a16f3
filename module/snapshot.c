// SPDX-License-Identifier: GPL-2.0-only
/* Takes a snapshot of a namespace: from its socket tables to sorted rows. */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "bindlevel.h"
#include "compat/hashinfo.h"
#include "compute/forecast.h"
#include "compute/gfp.h"
#include "compute/names.h"
#include "compute/order.h"
#include "compute/portmap.h"
#include "compute/stride.h"
#include "costs.h"
#include "count.h"
#include "failures.h"
#include "held.h"
#include "listeners.h"
#include "net.h"
#include "netscope.h"
#include "outlook.h"
#include "portmap_fill.h"
#include "snapshot.h"
#include "walk/walk.h"
#include "walk/way.h"

/* The same for all snapshots, so that `hidden` does not jump. */
static struct tws_hash_seed tws_seed __ro_after_init;

/* A walk may take long: each batch is judged by the time of its own. */
static void tws_count_now(void *counter, const struct tws_tuple *batch,
			  unsigned int nr)
{
	struct tws_clock now;

	tws_reuse_clock_read(&now);
	tws_count_batch(counter, &now, batch, nr);
}

static int tws_count_pass(struct tws_counter *counter, struct net *net,
			  const bool *stop, struct tws_snapshot_cost *cost,
			  bool *truncated)
{
	struct tws_walk walk = {
		.hashinfo = tws_compat_hashinfo(net),
		.net = net,
		.sink = tws_count_now,
		.ctx = counter,
		.stop = stop,
		.breath = &cost->breath,
		.unlocked = tws_way() == TWS_WAY_UNLOCKED,
	};
	int err;

	tws_count_restart(counter);
	tws_portmap_restart(counter->ports);
	err = tws_walk(&walk);
	*truncated |= walk.truncated;
	cost->retried += walk.retried;
	cost->locked += walk.locked;
	return err;
}

static int tws_count_twice(struct tws_counter *counter, struct net *net,
			   const bool *stop, struct tws_snapshot_cost *cost,
			   bool *truncated)
{
	int err = tws_count_pass(counter, net, stop, cost, truncated);

	if (!err && tws_table_second_pass(counter->table))
		err = tws_count_pass(counter, net, stop, cost, truncated);
	if (!err)
		tws_table_finish(counter->table);
	return err;
}

static void tws_crowd_read(struct tws_crowd *crowd, const struct tws_snapshot *snap,
			   const struct tws_counter *counter)
{
	struct tws_turnover fin_wait2 = {};
	u32 i;

	tws_turnover_fin_wait2(&fin_wait2, counter->fin_wait2, snap->settings.fin_s);
	memset(crowd, 0, sizeof(*crowd));
	crowd->nr = snap->count[TWS_STATE_TIME_WAIT] + fin_wait2.fin_wait2;
	crowd->max = max(snap->settings.timewait_max, 0);
	crowd->closes_10s = fin_wait2.fin_wait2_new;
	for (i = 0; i < TWS_AGE_BINS; i++)
		crowd->due[i] = fin_wait2.due[i];
}

/* Since the oldest snapshot that is remembered; else it is likely if there is no room. */
static bool tws_is_dropping(const struct tws_snapshot *snap, const struct tws_past *past,
			    const struct tws_crowd *crowd)
{
	if (past->nr)
		return snap->dropped != past->memory[past->nr - 1]->dropped;
	return crowd->nr >= crowd->max;
}

static struct tws_ports_then tws_ports_now(const struct tws_snapshot *snap)
{
	return (struct tws_ports_then){
		.range = snap->settings.range,
		.reserved = snap->reserved_hash,
	};
}

/* Without all sockets `free` would be too high: then it is not known. */
static void tws_judge(struct tws_snapshot *snap, struct tws_net *tn,
		      struct tws_portmap *ports, const struct tws_counter *counter)
{
	const struct tws_ports_then tried = tws_ports_now(snap);
	struct tws_thresholds_view view;
	struct tws_crowd crowd;
	struct tws_judge judge = {
		.net = tn->net,
		.ports = ports,
		.thresholds = &view,
		.fin_s = snap->settings.fin_s,
		.timewait = snap->count[TWS_STATE_TIME_WAIT],
		.crowd = &crowd,
	};
	struct tws_past past;

	tws_crowd_read(&crowd, snap, counter);
	tws_portmap_sum(ports, judge.fin_s);
	tws_history_get(&past, &tn->history, ktime_get(), &tried);
	tws_history_compare(&snap->table, &past);
	judge.past_ms = past.age_ms;
	judge.dropping = tws_is_dropping(snap, &past, &crowd);
	snap->closes_known = !judge.dropping;
	tws_history_put(&past);
	tws_thresholds_view_get(&view, &tn->thresholds);
	tws_outlook_rows(&snap->table, &judge);
	snap->hidden_level = tws_outlook_hidden(&snap->table, ports, &view);
	tws_thresholds_view_put(&view);
	snap->levels_known = true;
}

static int tws_count(struct tws_snapshot *snap, struct tws_net *tn,
		     const bool *stop, struct tws_portmap *ports,
		     struct tws_snapshot_cost *cost)
{
	struct net *net = tn->net;
	struct tws_counter counter = {
		.net = net,
		.range = &snap->settings.range,
		.ports = ports,
		.ports_known = snap->ports_known,
		.table = &snap->table,
		.breath = &cost->breath,
	};
	bool truncated = false;
	int err;

	err = tws_listeners(tws_compat_hashinfo(net), net, ports, &cost->breath, stop);
	if (err == -EINTR)
		return err;
	/* Then rows may be of another kind, but `free` is right all the same (classify.h). */
	if (err)
		snap->complete = false;
	tws_reuse_rule_read(net, &counter.rule);
	err = tws_count_twice(&counter, net, stop, cost, &truncated);
	tws_count_finish(&counter);
	truncated |= counter.short_of_memory;
	cost->sockets = counter.sockets;
	snap->sockets = counter.sockets;
	memcpy(snap->count, counter.count, sizeof(snap->count));
	if (truncated || snap->table.short_of_memory)
		snap->complete = false;
	if (!err && snap->ports_known && !truncated)
		tws_judge(snap, tn, ports, &counter);
	return err;
}

static void tws_sum_ports(struct tws_snapshot *snap, struct tws_net *tn,
			  const struct tws_portmap *map)
{
	const struct tws_vrf_ports *vrf = tws_portmap_vrf(map, 0);
	struct tws_thresholds_view view;

	snap->ports_known = true;
	snap->reserved = map->nr_reserved;
	snap->reserved_hash = tws_ports_reserved(map);
	snap->bound = vrf->nr_bound;
	snap->usable = tws_ports_usable(map, vrf);
	tws_thresholds_view_get(&view, &tn->thresholds);
	tws_outlook_fresh(&snap->fresh, map, &view);
	tws_thresholds_view_put(&view);
}

/* Without knowing the ports in use the rows are still counted. */
static int tws_collect(struct tws_snapshot *snap, struct tws_net *tn,
		       const bool *stop, struct tws_snapshot_cost *cost)
{
	struct tws_portmap map;
	int err;

	err = tws_portmap_fill(&map, tn->net, &snap->settings.range, true, stop);
	if (!err)
		tws_sum_ports(snap, tn, &map);
	else
		snap->complete = false;

	/* It has at least the entry for no VRF, if there was memory for it. */
	if (err != -EINTR && map.nr_vrfs)
		err = tws_count(snap, tn, stop, &map, cost);
	tws_portmap_free(&map);
	return err;
}

/* Many rows have the local address of the row before: its name is not made again. */
static void tws_widest_local(struct tws_snapshot *snap, const struct tws_row *row,
			     const struct tws_row *before)
{
	char name[TWS_NAME_MAX];

	if (before && before->key.dir == row->key.dir && before->key.dev == row->key.dev &&
	    before->key.lport == row->key.lport &&
	    ipv6_addr_equal(&before->key.local, &row->key.local))
		return;
	snap->local_width = max(snap->local_width,
				tws_local_name(name, &row->key, row->dev_name));
}

static void tws_sort_rows(struct tws_snapshot *snap, struct net *net)
{
	struct tws_table *table = &snap->table;
	const struct tws_row *before = NULL;
	struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, &table->rows, list) {
		tws_device_name(row->dev_name, net, row->key.dev);
		snap->dir_rows[row->key.dir]++;
		snap->level = max(snap->level, row->outlook.level);
		tws_widest_local(snap, row, before);
		before = row;
		tws_rows_breathe(table->breath, seen++);
	}
	snap->level = max(snap->level, snap->fresh.level);
	tws_rows_sort(&table->rows, table->breath);
}

/* @terms were read before it began. If they are others now, it is not known which hold. */
static void tws_hold_to_it(const struct tws_snapshot *snap, struct tws_net *tn,
			   struct tws_terms *terms, u64 taken)
{
	struct tws_terms now;

	if (!snap->fails.fails || !snap->levels_known)
		return;
	tws_terms_read(tn->net, &now);
	if (!tws_terms_alike(terms, &now))
		return;
	terms->reserved = snap->reserved_hash;
	tws_failures_promise(&tn->failures, &snap->table, terms, taken);
}

static void tws_remember(const struct tws_snapshot *snap, struct tws_net *tn)
{
	const struct tws_ports_then tried = tws_ports_now(snap);

	tws_history_add(&tn->history, snap->taken, &tried, snap->dropped, &snap->table);
}

static int tws_fill(struct tws_snapshot *snap, struct tws_net *tn, u32 max_rows,
		    const bool *stop)
{
	const ktime_t start = ktime_get();
	const u64 taken = tws_failures_begin();
	struct net *net = tn->net;
	struct tws_snapshot_cost cost = {};
	struct tws_terms terms;
	int err;

	tws_breath_begin(&cost.breath);
	snap->netns = net->ns.inum;
	snap->complete = true;
	snap->closes_known = true;
	snap->dropped = tws_timewait_dropped(net);
	tws_terms_read(net, &terms);
	tws_settings_read(net, &snap->settings);
	err = tws_table_init(&snap->table, max_rows, &tws_seed);
	if (!err && !tws_failures_pin(&snap->table, &tn->failures))
		snap->complete = false;
	snap->table.breath = &cost.breath;
	err = err ?: tws_collect(snap, tn, stop, &cost);
	if (!err) {
		tws_failures_read(&snap->fails, &snap->table, &tn->failures);
		tws_sort_rows(snap, net);
		tws_hold_to_it(snap, tn, &terms, taken);
		snap->bind_level_known = tws_bind_level(tn, &snap->bind_level);
		snap->fails.mispredicted = tws_failures_mispredicted_in(&tn->failures);
	}
	snap->bytes = sizeof(*snap) + tws_table_bytes(&snap->table);
	tws_costs_add_bytes(snap->bytes);
	snap->taken = ktime_get();
	snap->walk_us = ktime_us_delta(snap->taken, start);
	if (!err && snap->levels_known)
		tws_remember(snap, tn);
	snap->table.breath = NULL;
	cost.ns = ktime_to_ns(ktime_sub(snap->taken, start));
	tws_costs_add_snapshot(&cost);
	return err;
}

/**
 * tws_snapshots_start() - prepare for snapshots, when the module is loaded
 *
 * Context: process context.
 */
void __init tws_snapshots_start(void)
{
	get_random_bytes(&tws_seed, sizeof(tws_seed));
	tws_history_start();
}

/**
 * tws_snapshot_take() - take a snapshot of a namespace
 * @tn:		the namespace; the caller keeps it alive
 * @max_rows:	most rows that it may have
 * @stop:	ends it soon if it becomes true; or NULL
 *
 * Context: process context, may sleep.
 * Return: a snapshot with one reference, or ERR_PTR: -ENOMEM, or -EINTR if @stop
 * or a fatal signal ended it.
 */
struct tws_snapshot *tws_snapshot_take(struct tws_net *tn, u32 max_rows,
				       const bool *stop)
{
	struct tws_snapshot *snap;
	int err;

	snap = kzalloc(sizeof(*snap), TWS_GFP);
	if (!snap)
		return ERR_PTR(-ENOMEM);
	refcount_set(&snap->refs, 1);
	INIT_LIST_HEAD(&snap->list);
	err = tws_fill(snap, tn, max_rows, stop);
	if (err) {
		tws_snapshot_put(snap);
		return ERR_PTR(err);
	}
	tws_held_add(&tn->held, snap);
	return snap;
}

/**
 * tws_snapshot_unseen_level() - what a destination without a row may be
 * @snap:	the snapshot
 *
 * Return: the worst level; TWS_LEVEL_OK if every destination has a row.
 */
enum tws_level tws_snapshot_unseen_level(const struct tws_snapshot *snap)
{
	return snap->levels_known ? snap->hidden_level : TWS_LEVEL_FULL;
}

/**
 * tws_snapshot_row() - find the row at a place
 * @snap:	the snapshot, in use
 * @place:	0 for the first row
 * @cursor:	zeroed at first: finding the next row is quick
 *
 * Context: may sleep.
 * Return: the row, or NULL after the last one.
 */
const struct tws_row *tws_snapshot_row(const struct tws_snapshot *snap,
				       u32 place, struct tws_row_cursor *cursor)
{
	if (place >= snap->table.nr)
		return NULL;
	if (!cursor->row || place < cursor->place) {
		cursor->place = 0;
		cursor->row = list_first_entry(&snap->table.rows,
					       struct tws_row, list);
	}
	while (cursor->place < place) {
		cursor->row = list_next_entry(cursor->row, list);
		tws_rows_resched(++cursor->place);
	}
	return cursor->row;
}
