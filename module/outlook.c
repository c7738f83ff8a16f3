// SPDX-License-Identifier: GPL-2.0-only
/* How many ports each destination has left, once all sockets are counted. */
#include <linux/math64.h>
#include <linux/string.h>

#include "compute/forecast.h"
#include "compute/level.h"
#include "netscope.h"
#include "outlook.h"
#include "compute/portmap.h"
#include "compute/scope.h"
#include "compute/table.h"
#include "stride.h"
#include "thresholds.h"

/*
 * A port in TIME_WAIT can be used again after a second or two if connect() may
 * take the socket over, and after 60 s if it may not.
 */
#define TWS_HOLD_REUSED_S	1

/* Ports that a connect() on a row's device cannot use: now, and with tcp_tw_reuse=1. */
struct tws_blocked {
	s32 now;
	s32 if_on;
};

static void tws_blocked_add(struct tws_blocked *blocked, const struct tws_row *row)
{
	blocked->now += row->blocked - row->spared;
	blocked->if_on += row->blocked_if - row->spared_if;
}

/*
 * Sockets of the row block ports, and sockets of a wider scope. Return false if some
 * of the latter may be hidden.
 */
static bool tws_blocked_of(const struct tws_table *table,
			   const struct tws_row *row,
			   const struct tws_scope *scope,
			   struct tws_blocked *blocked)
{
	unsigned int i;

	memset(blocked, 0, sizeof(*blocked));
	tws_blocked_add(blocked, row);
	for (i = 0; i < scope->nr_wider; i++) {
		const struct tws_row *wider;
		struct tws_key key = row->key;

		key.dev = scope->wider[i];
		wider = tws_table_find(table, &key);
		if (wider)
			tws_blocked_add(blocked, wider);
		else if (table->hidden_sockets)
			return false;
	}
	return true;
}

/* Less than none or more than all only while sockets come and go. */
static u32 tws_free_of(u32 usable, s32 blocked)
{
	return usable - clamp_t(s32, blocked, 0, usable);
}

static void tws_load(struct tws_load *load, const struct tws_row *row)
{
	const u32 tw = row->count[TWS_STATE_TIME_WAIT];
	unsigned int i;

	memset(load, 0, sizeof(*load));
	load->free = row->outlook.free;
	load->closes_10s = tws_closes_10s(row->age);
	if (row->reuse) {
		load->hold_s = TWS_HOLD_REUSED_S;
		load->due[0] = row->blocked_tw;
		return;
	}
	load->hold_s = TWS_LIFE_MS / 1000;
	if (!tw)
		return;
	/* A TIME_WAIT on a port that connect() skips frees no port. */
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = mul_u64_u32_div(row->age[TWS_AGE_BINS - 1 - i],
					       row->blocked_tw, tw);
}

static void tws_outlook_row(const struct tws_table *table, struct tws_row *row,
			    const struct tws_portmap *ports, struct net *net,
			    const struct tws_thresholds_view *thresholds)
{
	struct tws_outlook *outlook = &row->outlook;
	struct tws_scope scope;
	struct tws_blocked blocked;
	struct tws_load load;
	u32 usable;

	tws_scope_of(&scope, net, row->key.dev);
	outlook->known = tws_blocked_of(table, row, &scope, &blocked);
	if (!outlook->known)
		return;
	usable = tws_ports_usable(ports, tws_portmap_vrf(ports, scope.l3mdev));
	outlook->open = tws_ports_open(ports);
	outlook->free = tws_free_of(usable, blocked.now);
	outlook->free_if = max(outlook->free, tws_free_of(usable, blocked.if_on));
	outlook->th = *tws_thresholds_for(thresholds, &row->key.remote,
					      row->key.rport);
	outlook->level = tws_level(outlook->open, outlook->free, &outlook->th);
	tws_load(&load, row);
	outlook->full_ms = tws_forecast_full_ms(&load);
}

/**
 * tws_outlook_rows() - fill in the outlook of all out rows
 * @table:	the table, after its last pass
 * @ports:	which ports connect() may use
 * @net:	the namespace
 * @thresholds:	its thresholds
 *
 * Context: process context, may sleep.
 */
void tws_outlook_rows(struct tws_table *table, const struct tws_portmap *ports,
		      struct net *net,
		      const struct tws_thresholds_view *thresholds)
{
	struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, &table->rows, list) {
		if (row->key.dir == TWS_OUT)
			tws_outlook_row(table, row, ports, net, thresholds);
		tws_rows_resched(seen++);
	}
}

/**
 * tws_outlook_fresh() - the outlook of a destination that nobody has used yet
 * @outlook:	result
 * @ports:	which ports connect() may use
 * @thresholds:	thresholds of the namespace, of which no rule applies
 *
 * No socket of its own blocks a port, and it is reached without a device.
 */
void tws_outlook_fresh(struct tws_outlook *outlook, const struct tws_portmap *ports,
		       const struct tws_thresholds_view *thresholds)
{
	const u32 usable = tws_ports_usable(ports, tws_portmap_vrf(ports, 0));

	*outlook = (struct tws_outlook){
		.known = true,
		.open = tws_ports_open(ports),
		.free = usable,
		.free_if = usable,
		.full_ms = TWS_NEVER,
		.th = thresholds->th,
	};
	outlook->level = tws_level(outlook->open, usable, &outlook->th);
}

static u32 tws_fewest_usable(const struct tws_portmap *ports)
{
	u32 usable = U32_MAX;
	unsigned int i;

	for (i = 0; i < ports->nr_vrfs; i++)
		usable = min(usable, tws_ports_usable(ports, &ports->vrfs[i]));
	return usable;
}

static u32 tws_most_blocked(const struct tws_table *table)
{
	const struct tws_row *row;
	u32 most = 0, seen = 0;

	list_for_each_entry(row, &table->rows, list) {
		if (row->key.dir == TWS_OUT)
			most = max(most, row->blocked);
		tws_rows_resched(seen++);
	}
	return most;
}

/**
 * tws_outlook_hidden() - the worst level that a hidden destination may have
 * @table:	the table, finished
 * @ports:	which ports connect() may use
 * @thresholds:	thresholds of the namespace
 *
 * That is the level of one with as many sockets as a hidden one may have, none of
 * which may be taken over, under the strictest rule. If it is bound to a device,
 * sockets of each wider scope may block as many ports again.
 *
 * Return: TWS_LEVEL_OK also if no destination is hidden.
 */
enum tws_level tws_outlook_hidden(const struct tws_table *table,
				  const struct tws_portmap *ports,
				  const struct tws_thresholds_view *thresholds)
{
	const struct tws_thresholds th = tws_thresholds_strictest(thresholds);
	u64 blocked = min(table->hidden_most, table->hidden_out);
	u32 usable = tws_ports_usable(ports, tws_portmap_vrf(ports, 0));

	if (!table->hidden_out)
		return TWS_LEVEL_OK;
	if (table->hidden_on_device) {
		blocked += TWS_MAX_WIDER *
			   max_t(u64, blocked, tws_most_blocked(table));
		usable = tws_fewest_usable(ports);
	}
	return tws_level(tws_ports_open(ports), usable - min_t(u64, blocked, usable), &th);
}
