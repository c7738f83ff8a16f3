// SPDX-License-Identifier: GPL-2.0-only
/* Sums up the sockets of a namespace: from the tables of the kernel to sorted rows. */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat/tables.h"
#include "compute/forecast.h"
#include "compute/gfp.h"
#include "compute/names.h"
#include "compute/order.h"
#include "compute/portmap.h"
#include "compute/stride.h"
#include "costs.h"
#include "count.h"
#include "failures.h"
#include "net.h"
#include "outlook.h"
#include "ports.h"
#include "settings.h"
#include "sourcewalk.h"
#include "summary.h"
#include "walk/walk.h"

/* The same each time, so that `hidden_min` does not jump. */
static struct tws_hash_seed tws_seed __ro_after_init;

/* A walk may take long: each batch is judged by the time of its own. */
static void tws_count_now(void *counter, const struct tws_tuple *batch,
			  unsigned int nr)
{
	struct tws_clock now;

	tws_reuse_clock_read(&now);
	tws_count_batch(counter, &now, batch, nr);
}

/* Once, and again if there are more destinations than rows. */
static int tws_count_sockets(struct tws_counter *counter, const bool *stop,
			     struct tws_snapshot_cost *cost, bool *truncated)
{
	unsigned int passes = 0;
	int err;

	do {
		struct tws_walk walk = {
			.hashinfo = tws_compat_hashinfo(counter->net),
			.net = counter->net,
			.sink = tws_count_now,
			.ctx = counter,
			.stop = stop,
			.breath = &cost->breath,
			.unlocked = tws_way() == TWS_WAY_UNLOCKED,
		};

		tws_count_restart(counter);
		tws_portmap_restart(counter->ports);
		err = tws_walk(&walk);
		*truncated |= walk.truncated;
		cost->retried += walk.retried;
		cost->locked += walk.locked;
	} while (!err && !passes++ && tws_table_second_pass(counter->table));
	if (!err)
		tws_table_finish(counter->table);
	return err;
}

/* FIN_WAIT2 only: those in TIME_WAIT are added from the rows (outlook.c). */
static void tws_crowd_read(struct tws_crowd *crowd, const struct tws_summary *sum,
			   const struct tws_counter *counter)
{
	struct tws_turnover fin_wait2 = {};
	u32 i;

	tws_turnover_fin_wait2(&fin_wait2, counter->fin_wait2, sum->settings.fin_s);
	memset(crowd, 0, sizeof(*crowd));
	crowd->nr = sum->count[TWS_STATE_TIME_WAIT] + fin_wait2.fin_wait2;
	crowd->max = max(sum->settings.timewait_max, 0);
	crowd->closes_10s = fin_wait2.fin_wait2_new;
	for (i = 0; i < TWS_AGE_BINS; i++)
		crowd->due[i] = fin_wait2.due[i];
}

/*
 * Whether TIME_WAITs were dropped since the oldest snapshot that is remembered; without one,
 * whether there is no room for any now.
 */
static bool tws_is_dropping(const struct tws_summary *sum, const struct tws_past *past,
			    const struct tws_crowd *crowd)
{
	if (past->nr)
		return sum->dropped != past->old[past->nr - 1]->dropped;
	return crowd->nr >= crowd->max;
}

static struct tws_ports_then tws_ports_now(const struct tws_summary *sum)
{
	return (struct tws_ports_then){
		.range = sum->settings.range,
		.reserved = sum->reserved_hash,
	};
}

/* Without all sockets `free` would be too high: then it is not known. */
static void tws_judge(struct tws_summary *sum, struct tws_net *tn,
		      struct tws_portmap *ports, const struct tws_counter *counter)
{
	const struct tws_ports_then tried = tws_ports_now(sum);
	struct tws_thresholds_view view;
	struct tws_crowd crowd;
	struct tws_judge judge = {
		.net = tn->net,
		.ports = ports,
		.thresholds = &view,
		.fin_s = sum->settings.fin_s,
		.timewait = sum->count[TWS_STATE_TIME_WAIT],
		.crowd = &crowd,
	};
	struct tws_past past;

	tws_crowd_read(&crowd, sum, counter);
	tws_portmap_sum(ports, judge.fin_s);
	tws_history_get(&past, &tn->history, ktime_get(), &tried);
	tws_history_compare(&sum->table, &past);
	judge.past_ms = past.age_ms;
	judge.dropping = tws_is_dropping(sum, &past, &crowd);
	sum->closes_known = !judge.dropping;
	tws_history_put(&past);
	tws_thresholds_view_get(&view, &tn->thresholds);
	tws_outlook_rows(&sum->table, &judge);
	sum->hidden_level = tws_outlook_hidden(&sum->table, ports, &view);
	tws_thresholds_view_put(&view);
	sum->levels_known = true;
}

static void tws_sum_ports(struct tws_summary *sum, struct tws_net *tn,
			  const struct tws_portmap *map)
{
	const struct tws_vrf_ports *vrf = tws_portmap_vrf(map, 0);
	struct tws_thresholds_view view;

	sum->ports_known = true;
	sum->reserved = map->nr_reserved;
	sum->reserved_hash = tws_ports_reserved(map);
	sum->bound = vrf->nr_bound;
	sum->usable = tws_ports_usable(map, vrf);
	tws_thresholds_view_get(&view, &tn->thresholds);
	tws_outlook_fresh(&sum->fresh, map, &view);
	tws_thresholds_view_put(&view);
}

/*
 * From the tables of the kernel to counted rows. Without knowing the ports in use the rows
 * are still counted.
 */
static int tws_collect(struct tws_summary *sum, struct tws_net *tn, const bool *stop,
		       struct tws_snapshot_cost *cost)
{
	struct net *net = tn->net;
	struct tws_portmap ports;
	struct tws_counter counter = {
		.net = net,
		.range = &sum->settings.range,
		.ports = &ports,
		.table = &sum->table,
		.breath = &cost->breath,
	};
	bool truncated = false;
	int err;

	err = tws_portmap_fill(&ports, net, &sum->settings.range, true, &cost->breath, stop);
	if (!err)
		tws_sum_ports(sum, tn, &ports);
	else
		sum->complete = false;
	/* It has at least the entry for no VRF, if there was memory for it. */
	if (err == -EINTR || !ports.nr_vrfs)
		goto out;

	err = tws_listeners(tws_compat_hashinfo(net), net, &ports, &cost->breath, stop);
	if (err == -EINTR)
		goto out;
	/* Then rows may be of another kind, but `free` is right all the same (classify.h). */
	if (err)
		sum->complete = false;

	counter.ports_known = sum->ports_known;
	tws_reuse_rule_read(net, &counter.rule);
	err = tws_count_sockets(&counter, stop, cost, &truncated);
	tws_count_finish(&counter);
	truncated |= counter.short_of_memory;
	cost->sockets = counter.sockets;
	sum->sockets = counter.sockets;
	memcpy(sum->count, counter.count, sizeof(sum->count));
	if (truncated || sum->table.short_of_memory)
		sum->complete = false;
	if (!err && sum->ports_known && !truncated)
		tws_judge(sum, tn, &ports, &counter);
out:
	tws_portmap_free(&ports);
	return err;
}

/* Many rows have the local address of the row before: its name is not made again. */
static void tws_widest_local(struct tws_summary *sum, const struct tws_row *row,
			     const struct tws_row *before)
{
	char name[TWS_NAME_MAX];

	if (before && before->key.dir == row->key.dir && before->key.dev == row->key.dev &&
	    before->key.lport == row->key.lport &&
	    ipv6_addr_equal(&before->key.local, &row->key.local))
		return;
	sum->local_width = max(sum->local_width,
			       tws_local_name(name, &row->key, row->dev_name));
}

static void tws_finish_rows(struct tws_summary *sum, struct net *net)
{
	struct tws_table *table = &sum->table;
	const struct tws_row *before = NULL;
	struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, &table->rows, list) {
		tws_device_name(row->dev_name, net, row->key.dev);
		sum->dir_rows[row->key.dir]++;
		sum->level = max(sum->level, row->outlook.level);
		tws_widest_local(sum, row, before);
		before = row;
		tws_rows_breathe(table->breath, seen++);
	}
	sum->level = max(sum->level, sum->fresh.level);
	tws_rows_sort(&table->rows, table->breath);
}

/* @settings were read before it began. If they are others now, it is not known which hold. */
static void tws_predict_failing(const struct tws_summary *sum, struct tws_net *tn,
				struct tws_predict_settings *settings, u64 ports_taken)
{
	struct tws_predict_settings now;

	if (!sum->fails.fails || !sum->levels_known)
		return;
	tws_predict_settings_read(tn->net, &now);
	if (!tws_predict_settings_alike(settings, &now))
		return;
	settings->reserved = sum->reserved_hash;
	tws_failures_predict(&tn->failures, &sum->table, settings, ports_taken);
}

static void tws_remember(const struct tws_summary *sum, struct tws_net *tn, ktime_t now)
{
	const struct tws_ports_then tried = tws_ports_now(sum);

	tws_history_add(&tn->history, now, &tried, sum->dropped, &sum->table);
}

/**
 * tws_summaries_start() - prepare, when the module is loaded
 *
 * Context: process context.
 */
void __init tws_summaries_start(void)
{
	get_random_bytes(&tws_seed, sizeof(tws_seed));
	tws_history_start();
}

/**
 * tws_summary_fill() - sum up the sockets of a namespace
 * @sum:	result, zeroed by the caller; for tws_summary_free(), also on error
 * @tn:		the namespace; the caller keeps it alive
 * @stop:	ends it soon if it becomes true; or NULL
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINTR if @stop or a fatal signal ended it.
 */
int tws_summary_fill(struct tws_summary *sum, struct tws_net *tn, const bool *stop)
{
	const ktime_t start = ktime_get();
	const u64 ports_taken = tws_failures_ports_taken();
	struct net *net = tn->net;
	struct tws_predict_settings settings;
	struct tws_snapshot_cost cost = {};
	ktime_t now;
	int err;

	tws_breath_begin(&cost.breath);
	sum->netns = net->ns.inum;
	sum->complete = true;
	sum->closes_known = true;
	sum->dropped = tws_timewait_dropped(net);
	tws_predict_settings_read(net, &settings);
	tws_settings_read(net, &sum->settings);
	err = tws_table_init(&sum->table, tws_max_rows(), &tws_seed);
	if (!err && !tws_failures_pin(&sum->table, &tn->failures))
		sum->complete = false;
	sum->table.breath = &cost.breath;
	err = err ?: tws_collect(sum, tn, stop, &cost);
	if (!err) {
		tws_failures_read(&sum->fails, &sum->table, &tn->failures);
		tws_finish_rows(sum, net);
		tws_predict_failing(sum, tn, &settings, ports_taken);
		sum->bind_level_known = tws_bind_level(tn, &sum->bind_level);
		sum->fails.mispredicted = tws_failures_mispredicted_in(&tn->failures);
	}
	now = ktime_get();
	sum->walk_us = ktime_us_delta(now, start);
	if (!err && sum->levels_known)
		tws_remember(sum, tn, now);
	sum->table.breath = NULL;
	cost.ns = ktime_to_ns(ktime_sub(now, start));
	tws_costs_add_snapshot(&cost);
	return err;
}

void tws_summary_free(struct tws_summary *sum)
{
	tws_table_free(&sum->table);
}

size_t tws_summary_bytes(const struct tws_summary *sum)
{
	return tws_table_bytes(&sum->table);
}

/**
 * tws_summary_unseen_level() - what a destination without a row may be
 * @sum:	the summary
 *
 * Return: the worst level; TWS_LEVEL_OK if every destination has a row.
 */
enum tws_level tws_summary_unseen_level(const struct tws_summary *sum)
{
	return sum->levels_known ? sum->hidden_level : TWS_LEVEL_FULL;
}

/**
 * tws_summary_row() - find a row by its number
 * @sum:	the summary, in use
 * @nr:		0 for the first row
 * @cursor:	zeroed at first: finding the next row is quick
 *
 * Context: may sleep.
 * Return: the row, or NULL after the last one.
 */
const struct tws_row *tws_summary_row(const struct tws_summary *sum,
				      u32 nr, struct tws_row_cursor *cursor)
{
	if (nr >= sum->table.nr)
		return NULL;
	if (!cursor->row || nr < cursor->nr) {
		cursor->nr = 0;
		cursor->row = list_first_entry(&sum->table.rows,
					       struct tws_row, list);
	}
	while (cursor->nr < nr) {
		cursor->row = list_next_entry(cursor->row, list);
		tws_rows_resched(++cursor->nr);
	}
	return cursor->row;
}
