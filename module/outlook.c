// SPDX-License-Identifier: GPL-2.0-only
/* How many ports each destination has left, once all sockets are counted. */
#include <linux/math64.h>
#include <linux/string.h>

#include "compute/forecast.h"
#include "compute/level.h"
#include "compute/portmap.h"
#include "compute/scope.h"
#include "compute/stride.h"
#include "compute/table.h"
#include "history.h"
#include "outlook.h"
#include "settings.h"
#include "thresholds.h"

/*
 * A port in TIME_WAIT can be used again after a second or two if connect() may
 * take the socket over, and after 60 s if it may not.
 */
#define TWS_HOLD_REUSED_S	1

/* The rows whose sockets are in the way of a connect() of a row: its own, and wider ones. */
struct tws_rivals {
	const struct tws_row *row[1 + TWS_MAX_WIDER];
	unsigned int nr;
};

/* Return false if some of a wider scope may be hidden. */
static bool tws_rivals_of(struct tws_rivals *rivals, const struct tws_table *table,
			  const struct tws_row *row, const struct tws_scope *scope)
{
	unsigned int i;

	rivals->row[0] = row;
	rivals->nr = 1;
	for (i = 0; i < scope->nr_wider; i++) {
		const struct tws_row *wider;
		struct tws_key key = row->key;

		key.dev = scope->wider[i];
		wider = tws_table_find(table, &key);
		if (wider)
			rivals->row[rivals->nr++] = wider;
		else if (table->hidden_sockets)
			return false;
	}
	return true;
}

/* Ports that a connect() on a row's device cannot use: now, and with tcp_tw_reuse=1. */
struct tws_blocked {
	s32 now;
	s32 if_on;
};

static struct tws_blocked tws_blocked_by(const struct tws_rivals *rivals)
{
	struct tws_blocked blocked = {};
	unsigned int i;

	for (i = 0; i < rivals->nr; i++) {
		const struct tws_row *row = rivals->row[i];

		blocked.now += row->blocked - row->spared;
		blocked.if_on += row->blocked_if - row->spared_if;
	}
	return blocked;
}

/* Less than none or more than all only while sockets come and go. */
static u32 tws_free_of(u32 usable, s32 blocked)
{
	return usable - clamp_t(s32, blocked, 0, usable);
}

/* A row's TIME_WAITs that are not on ports that are skipped, of one age. */
static u32 tws_on_usable(const struct tws_row *row, unsigned int bin)
{
	return row->age[bin] - (row->aside ? row->aside->skipped[bin] : 0);
}

static u32 tws_closes_of(const struct tws_row *row)
{
	u32 closes = 0;
	unsigned int i;

	for (i = 0; i < TWS_RATE_BINS; i++)
		closes += tws_on_usable(row, i);
	return closes;
}

/* When the ports come back that a row's TIME_WAITs block. */
static void tws_add_due(u32 due[TWS_AGE_BINS], const struct tws_row *row)
{
	u32 usable[TWS_AGE_BINS], nr = 0;
	unsigned int i;

	if (row->reuse) {
		due[0] += row->blocked_tw;
		return;
	}
	for (i = 0; i < TWS_AGE_BINS; i++) {
		usable[i] = tws_on_usable(row, TWS_AGE_BINS - 1 - i);
		nr += usable[i];
	}
	/* Of those that another socket is in the way of, none gives a port back. */
	for (i = 0; nr && i < TWS_AGE_BINS; i++)
		due[i] += nr == row->blocked_tw ? usable[i] :
			  mul_u64_u32_div(usable[i], row->blocked_tw, nr);
}

static u32 tws_kept_by(const struct tws_row *row)
{
	const u32 timed = row->blocked_tw + row->blocked_fw2;

	return row->blocked > timed ? row->blocked - timed : 0;
}

/* How the ports come and go that a row's own sockets block, but for tws_add_due(). */
static void tws_add_row(struct tws_turnover *sum, const struct tws_row *row, u32 fin_s)
{
	sum->kept += tws_kept_by(row);
	if (row->count[TWS_STATE_TIME_WAIT])
		sum->closes_10s += tws_closes_of(row);
	if (row->blocked_fw2)
		tws_turnover_fin_wait2(sum, row->aside->fin_wait2, fin_s);
}

static u32 tws_in_10s(u32 nr, u32 seconds)
{
	return seconds < TWS_RATE_BINS ? nr * TWS_RATE_BINS / max(seconds, 1u) : nr;
}

/*
 * A pool of connections breathes: what it has taken counts as lost only if what came back
 * meanwhile is at most a third of it.
 */
static u32 tws_lost_10s(const struct tws_growth *growth)
{
	if (growth->per_10s == TWS_NO_GROWTH || growth->per_10s <= 0 ||
	    growth->rises / 3 < growth->falls)
		return 0;
	return growth->per_10s;
}

/* How the ports come and go that a connect() of a row cannot use. */
struct tws_own_and_bound {
	struct tws_turnover own;		/* those of sockets of its pair */
	const struct tws_turnover *bound;	/* those of bind(); NULL: it has none */
};

static void tws_both_of(struct tws_own_and_bound *both, const struct tws_rivals *rivals,
			const struct tws_vrf_ports *vrf, u32 fin_s)
{
	unsigned int i;

	memset(&both->own, 0, sizeof(both->own));
	both->bound = vrf && vrf->nr_bound ? &vrf->bound : NULL;
	for (i = 0; i < rivals->nr; i++)
		tws_add_row(&both->own, rivals->row[i], fin_s);
}

static void tws_grow(struct tws_growth *growth, const struct tws_own_and_bound *both,
		     u32 age_ms)
{
	const struct tws_turnover *bound = both->bound;

	growth->kept = both->own.kept + (bound ? bound->kept : 0);
	growth->fin_wait2 = both->own.fin_wait2 + (bound ? bound->fin_wait2 : 0);
	growth->due = both->own.fin_wait2_due + (bound ? bound->fin_wait2_due : 0);
	tws_growth_settle(growth, age_ms);
}

static void tws_load_rates(struct tws_load *load, const struct tws_row *row,
			   const struct tws_own_and_bound *both, const struct tws_judge *judge)
{
	const struct tws_growth *growth = &row->outlook.growth;
	const struct tws_turnover *bound = both->bound;
	u32 fin_wait2 = both->own.fin_wait2_new + (bound ? bound->fin_wait2_new : 0);

	memset(load->taker, 0, sizeof(load->taker));
	load->free = row->outlook.free;
	load->lost_10s = tws_lost_10s(growth);
	if (judge->dropping)
		return;
	fin_wait2 = growth->per_10s == TWS_NO_GROWTH ? tws_in_10s(fin_wait2, judge->fin_s) :
						       growth->fin_wait2_10s;
	load->taker[TWS_TAKER_CLOSES] = (struct tws_taking){
		.per_10s = both->own.closes_10s,
		.hold_s = row->reuse ? TWS_HOLD_REUSED_S : TWS_LIFE_MS / 1000,
	};
	load->taker[TWS_TAKER_BOUND] = (struct tws_taking){
		.per_10s = bound ? bound->closes_10s : 0,
		.hold_s = TWS_LIFE_MS / 1000,
	};
	load->taker[TWS_TAKER_FIN_WAIT2] = (struct tws_taking){
		.per_10s = fin_wait2,
		.hold_s = judge->fin_s,
	};
}

static void tws_load_due(struct tws_load *load, const struct tws_rivals *rivals,
			 struct tws_own_and_bound *both, const struct tws_judge *judge)
{
	const struct tws_turnover *bound = both->bound;
	unsigned int i;

	if (judge->dropping) {
		memset(load->due, 0, sizeof(load->due));
		return;
	}
	for (i = 0; i < rivals->nr; i++)
		tws_add_due(both->own.due, rivals->row[i]);
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = both->own.due[i] + (bound ? bound->due[i] : 0);
}

/* Nearly all destinations are far from their end: then it is not asked when ports come back. */
static u32 tws_full_ms(const struct tws_row *row, const struct tws_rivals *rivals,
		       struct tws_own_and_bound *both, const struct tws_judge *judge,
		       const struct tws_room *room)
{
	struct tws_load load;

	tws_load_rates(&load, row, both, judge);
	if (tws_forecast_lasts(&load))
		return TWS_NEVER;
	tws_load_due(&load, rivals, both, judge);
	return tws_forecast_full_ms(&load, room);
}

static void tws_outlook_row(const struct tws_table *table, struct tws_row *row,
			    const struct tws_judge *judge, const struct tws_room *room)
{
	const struct tws_portmap *ports = judge->ports;
	struct tws_outlook *outlook = &row->outlook;
	const struct tws_vrf_ports *vrf;
	struct tws_own_and_bound both;
	struct tws_blocked blocked;
	struct tws_rivals rivals;
	struct tws_scope scope;
	u32 usable;

	tws_scope_of(&scope, judge->net, row->key.dev);
	outlook->known = tws_rivals_of(&rivals, table, row, &scope);
	if (!outlook->known)
		return;
	blocked = tws_blocked_by(&rivals);
	vrf = tws_portmap_vrf(ports, scope.l3mdev);
	usable = tws_ports_usable(ports, vrf);
	outlook->open = tws_ports_open(ports);
	outlook->free = tws_free_of(usable, blocked.now);
	outlook->free_if = max(outlook->free, tws_free_of(usable, blocked.if_on));
	outlook->th = *tws_thresholds_for(judge->thresholds, &row->key.remote,
					  row->key.rport);
	outlook->level = tws_level(outlook->open, outlook->free, &outlook->th);
	tws_both_of(&both, &rivals, vrf, judge->fin_s);
	tws_grow(&outlook->growth, &both, judge->past_ms);
	outlook->full_ms = tws_full_ms(row, &rivals, &both, judge, room);
}

/* What the rows know of the timewait sockets; those of hidden rows are like them. */
static void tws_crowd_of(struct tws_crowd *crowd, const struct tws_table *table,
			 const struct tws_judge *judge)
{
	const struct tws_row *row;
	u32 i, seen = 0;
	u64 known = 0;

	*crowd = *judge->crowd;
	list_for_each_entry(row, &table->rows, list) {
		for (i = 0; i < TWS_AGE_BINS; i++)
			crowd->due[i] += row->age[TWS_AGE_BINS - 1 - i];
		crowd->closes_10s += tws_closes_10s(row->age);
		known += row->count[TWS_STATE_TIME_WAIT];
		tws_rows_breathe(table->breath, seen++);
	}
	if (!known || known >= judge->timewait)
		return;
	for (i = 0; i < TWS_AGE_BINS; i++)
		crowd->due[i] = div64_u64(crowd->due[i] * judge->timewait, known);
	crowd->closes_10s = div64_u64(crowd->closes_10s * judge->timewait, known);
}

/*
 * The last 10 s brought at most all that there are. So a minute brings at most six times as many
 * more: return NULL if tcp_max_tw_buckets has room for these.
 */
static const struct tws_room *tws_room_of(struct tws_room *room, const struct tws_table *table,
					  const struct tws_judge *judge)
{
	struct tws_crowd crowd;

	if (judge->crowd->nr * 7 <= judge->crowd->max)
		return NULL;
	tws_crowd_of(&crowd, table, judge);
	tws_forecast_room(room, &crowd);
	return room;
}

/**
 * tws_outlook_rows() - fill in the outlook of all out rows
 * @table:	the table, after its last pass; the rows know what they were before
 * @judge:	what the outlook depends on
 *
 * Context: process context, may sleep.
 */
void tws_outlook_rows(struct tws_table *table, const struct tws_judge *judge)
{
	const struct tws_room *limit;
	struct tws_room room;
	struct tws_row *row;
	u32 seen = 0;

	limit = tws_room_of(&room, table, judge);
	list_for_each_entry(row, &table->rows, list) {
		tws_row_fetch_next(row);
		if (row->key.dir == TWS_OUT)
			tws_outlook_row(table, row, judge, limit);
		tws_rows_breathe(table->breath, seen++);
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
		tws_rows_breathe(table->breath, seen++);
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
