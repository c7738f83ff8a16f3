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
#include "thresholds.h"

/*
 * A port in TIME_WAIT can be used again after a second or two if connect() may
 * take the socket over, and after 60 s if it may not.
 */
#define TWS_HOLD_REUSED_S	1

/*
 * Count the ports that a connect() on the row's device cannot use: sockets of
 * the row block them, or sockets of a wider scope. Return false if some of the
 * latter may be hidden.
 */
static bool tws_blocked(const struct tws_table *table,
			const struct tws_row *row,
			const struct tws_scope *scope, u32 *blocked)
{
	unsigned int i;

	*blocked = row->blocked;
	for (i = 0; i < scope->nr_wider; i++) {
		const struct tws_row *wider;
		struct tws_key key = row->key;

		key.dev = scope->wider[i];
		wider = tws_table_find(table, &key);
		if (wider)
			*blocked += wider->blocked;
		else if (table->hidden_sockets)
			return false;
	}
	return true;
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
			    const struct tws_net_thresholds *thresholds)
{
	struct tws_outlook *outlook = &row->outlook;
	struct tws_scope scope;
	struct tws_load load;
	u32 blocked;

	tws_scope_of(&scope, net, row->key.dev);
	outlook->known = tws_blocked(table, row, &scope, &blocked);
	if (!outlook->known)
		return;
	outlook->usable = tws_ports_usable(ports,
					   tws_portmap_vrf(ports, scope.l3mdev));
	/* More can be blocked than usable only while sockets come and go. */
	outlook->free = outlook->usable - min(blocked, outlook->usable);
	outlook->th = *tws_net_thresholds_for(thresholds, &row->key.remote,
					      row->key.rport);
	outlook->level = tws_level(outlook->usable, outlook->free,
				   &outlook->th);
	tws_load(&load, row);
	outlook->full_ms = tws_forecast_full_ms(&load);
}

/**
 * tws_outlook_rows() - fill in the outlook of all out rows
 * @table:	the table, after its last pass
 * @ports:	which ports connect() may use
 * @net:	the namespace
 * @thresholds:	its thresholds, locked by the caller
 */
void tws_outlook_rows(struct tws_table *table, const struct tws_portmap *ports,
		      struct net *net,
		      const struct tws_net_thresholds *thresholds)
{
	u32 i;

	for (i = 0; i < table->nr; i++) {
		struct tws_row *row = &table->rows[i];

		if (row->key.dir == TWS_OUT)
			tws_outlook_row(table, row, ports, net, thresholds);
	}
}
