// SPDX-License-Identifier: GPL-2.0-only
/* What one socket means for its row. */
#include <linux/string.h>

#include "classify.h"
#include "compat/reuse.h"
#include "count.h"
#include "portmap.h"
#include "table.h"

/* One moment and one place of a batch. */
struct tws_at {
	struct tws_clock now;
	const struct tws_tuple *batch;
	unsigned int nr;
	unsigned int i;
};

/* Sockets of one device come in numbers: the last answer is kept. */
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
 * Whether a socket with the same addresses and ports, on a wider scope, blocks
 * the port as well. It would be in the same slot, so it is in this batch.
 */
static bool tws_wider_blocks(const struct tws_counter *counter,
			     const struct tws_scope *scope,
			     const struct tws_at *at)
{
	const struct tws_tuple *t = &at->batch[at->i];
	unsigned int first = at->i, i;

	while (first && at->batch[first - 1].slot == t->slot)
		first--;
	for (i = first; i < at->nr && at->batch[i].slot == t->slot; i++) {
		const struct tws_tuple *twin = &at->batch[i];

		if (tws_is_wider(scope, twin->dev) && tws_is_twin(twin, t) &&
		    !tws_may_reuse(&counter->rule, &at->now, twin))
			return true;
	}
	return false;
}

static void tws_count_port(struct tws_counter *counter, struct tws_row *row,
			   const struct tws_at *at)
{
	const struct tws_tuple *t = &at->batch[at->i];
	const struct tws_scope *scope = tws_scope_cached(counter, t->dev);
	const bool time_wait = t->state == TWS_TIME_WAIT;

	if (!tws_port_usable(counter->ports,
			     tws_portmap_vrf(counter->ports, scope->l3mdev),
			     t->lport))
		return;
	if (tws_may_reuse(&counter->rule, &at->now, t)) {
		row->reuse += time_wait;
		return;
	}
	if (scope->nr_wider && tws_wider_blocks(counter, scope, at))
		return;
	row->blocked++;
	row->blocked_tw += time_wait;
}

/**
 * tws_count_restart() - begin a pass
 * @counter:	the counter; its table is ready for the pass
 */
void tws_count_restart(struct tws_counter *counter)
{
	counter->sockets = 0;
	memset(counter->count, 0, sizeof(counter->count));
	tws_scope_of(&counter->scope, counter->net, 0);
}

/**
 * tws_count_batch() - count sockets; a sink of tws_walk()
 * @arg:	struct tws_counter
 * @batch:	the sockets; those of a slot are in one batch
 * @nr:		how many
 *
 * Context: may sleep and allocate.
 */
void tws_count_batch(void *arg, const struct tws_tuple *batch, unsigned int nr)
{
	struct tws_counter *counter = arg;
	struct tws_at at = { .batch = batch, .nr = nr };

	tws_compat_clock(&at.now);
	for (at.i = 0; at.i < nr; at.i++) {
		const struct tws_tuple *t = &batch[at.i];
		struct tws_row *row;
		struct tws_key key;

		counter->sockets++;
		counter->count[t->state]++;
		tws_classify(&key, t, counter->range, counter->listening);
		row = tws_table_row(counter->table, &key);
		if (!row)
			continue;
		tws_row_count(row, t);
		if (key.dir == TWS_OUT && counter->ports)
			tws_count_port(counter, row, &at);
	}
}
