// SPDX-License-Identifier: GPL-2.0-only
/* Counts sockets in their rows, and which of them block a port. */
#include <linux/string.h>
#include <net/ipv6.h>

#include "compute/classify.h"
#include "count.h"
#include "netscope.h"
#include "compute/portmap.h"
#include "compute/table.h"

/* A place in a batch, and the time. */
struct tws_place {
	const struct tws_clock *now;
	const struct tws_tuple *batch;
	unsigned int nr;
	unsigned int i;
};

/* Most sockets have the device of the one before: keep the last scope. */
static const struct tws_scope *tws_scope_cached(struct tws_counter *counter,
						int dev)
{
	if (counter->scope.dev != dev)
		tws_scope_of(&counter->scope, counter->net, dev);
	return &counter->scope;
}

static bool tws_is_twin(const struct tws_tuple *a, const struct tws_tuple *b)
{
	return a->lport == b->lport && a->rport == b->rport &&
	       ipv6_addr_equal(&a->local, &b->local) &&
	       ipv6_addr_equal(&a->remote, &b->remote);
}

static bool tws_is_wider(const struct tws_scope *scope, int dev)
{
	unsigned int i;

	for (i = 0; i < scope->nr_wider; i++)
		if (scope->wider[i] == dev)
			return true;
	return false;
}

/*
 * True if a socket of a wider scope, with the same addresses and ports, blocks
 * the port as well. Such a socket is in the same slot, so in this batch.
 */
static bool tws_wider_blocks(const struct tws_counter *counter,
			     const struct tws_scope *scope,
			     const struct tws_place *at)
{
	const struct tws_tuple *t = &at->batch[at->i];
	unsigned int first = at->i, i;

	while (first && at->batch[first - 1].slot == t->slot)
		first--;
	for (i = first; i < at->nr && at->batch[i].slot == t->slot; i++) {
		const struct tws_tuple *twin = &at->batch[i];

		if (tws_is_wider(scope, twin->dev) && tws_is_twin(twin, t) &&
		    !tws_may_reuse(&counter->rule, at->now, twin))
			return true;
	}
	return false;
}

static void tws_count_port(struct tws_counter *counter, struct tws_row *row,
			   const struct tws_place *at)
{
	const struct tws_tuple *t = &at->batch[at->i];
	const struct tws_scope *scope = tws_scope_cached(counter, t->dev);
	const bool time_wait = t->state == TWS_STATE_TIME_WAIT;

	if (!tws_port_usable(counter->ports,
			     tws_portmap_vrf(counter->ports, scope->l3mdev),
			     t->lport))
		return;
	if (tws_may_reuse(&counter->rule, at->now, t)) {
		row->reuse += time_wait;
		return;
	}
	if (scope->nr_wider && tws_wider_blocks(counter, scope, at))
		return;
	row->blocked++;
	row->blocked_tw += time_wait;
}

/**
 * tws_count_restart() - start a pass
 * @counter:	the counter; its table is ready for the pass
 */
void tws_count_restart(struct tws_counter *counter)
{
	counter->sockets = 0;
	memset(counter->count, 0, sizeof(counter->count));
	tws_scope_of(&counter->scope, counter->net, 0);
}

/**
 * tws_count_batch() - count sockets that a walk has found
 * @counter:	where they are counted
 * @now:	the time, which decides what may be taken over
 * @batch:	the sockets; those of a slot are in one batch
 * @nr:		how many
 *
 * Context: may sleep and allocate.
 */
void tws_count_batch(struct tws_counter *counter, const struct tws_clock *now,
		     const struct tws_tuple *batch, unsigned int nr)
{
	struct tws_place at = { .now = now, .batch = batch, .nr = nr };

	for (at.i = 0; at.i < nr; at.i++) {
		const struct tws_tuple *t = &batch[at.i];
		struct tws_row *row;
		struct tws_key key;

		counter->sockets++;
		counter->count[t->state]++;
		tws_classify(&key, t, counter->range, counter->listening);
		row = tws_table_find_or_add(counter->table, &key);
		if (!row)
			continue;
		tws_row_add_socket(row, t);
		if (key.dir == TWS_OUT && counter->ports)
			tws_count_port(counter, row, &at);
	}
}
