// SPDX-License-Identifier: GPL-2.0-only
/* Counts sockets in their rows, and which of them block a port. */
#include <linux/sched.h>
#include <linux/string.h>

#include "compute/classify.h"
#include "count.h"
#include "netscope.h"
#include "compute/portmap.h"
#include "compute/table.h"

/* Sockets that are counted between two chances to reschedule. */
#define TWS_COUNT_STRIDE	1024

/*
 * A place in a batch, where its slot begins, and where that ends if this was
 * needed, else 0; and the time.
 */
struct tws_place {
	const struct tws_clock *now;
	const struct tws_tuple *batch;
	unsigned int nr;
	unsigned int i;
	unsigned int first;
	unsigned int end;
};

static void tws_count_scope(struct tws_counter *counter, int dev)
{
	tws_scope_of(&counter->scope, counter->net, dev);
	if (counter->ports)
		counter->vrf = tws_portmap_vrf(counter->ports,
					       counter->scope.l3mdev);
}

/* Most sockets have the device of the one before: keep the last scope. */
static const struct tws_scope *tws_scope_cached(struct tws_counter *counter,
						int dev)
{
	if (counter->scope.dev != dev)
		tws_count_scope(counter, dev);
	return &counter->scope;
}

/* Get ready to find twins in the slot of the place. */
static void tws_find_slot(struct tws_counter *counter, struct tws_place *at)
{
	if (at->end)
		return;
	at->end = at->i + 1;
	while (at->end < at->nr &&
	       at->batch[at->end].slot == at->batch[at->first].slot)
		at->end++;
	if (!tws_twins_of(&counter->twins, &at->batch[at->first],
			  at->end - at->first))
		counter->short_of_memory = true;
}

/*
 * The kernel stops at the first socket of the chain that competes for the port
 * (inet_hashtables.c:__inet_check_established()). Of the twins of a wider scope
 * return the place of the first one in the slot, or -1 if there is none.
 */
static int tws_first_wider(struct tws_counter *counter,
			   const struct tws_scope *scope,
			   struct tws_place *at)
{
	int first = -1, found;
	unsigned int i;

	if (!scope->nr_wider)
		return -1;
	tws_find_slot(counter, at);
	for (i = 0; i < scope->nr_wider; i++) {
		found = tws_twins_find(&counter->twins, &at->batch[at->i],
				       scope->wider[i]);
		if (found >= 0 && (first < 0 || found < first))
			first = found;
	}
	return first;
}

/*
 * Ports that sockets of a wider scope block are counted in the rows of these. So
 * the row of a socket that has such a twin counts the difference only.
 */
static void tws_count_port(struct tws_counter *counter, struct tws_row *row,
			   struct tws_place *at)
{
	const struct tws_tuple *t = &at->batch[at->i];
	const struct tws_scope *scope = tws_scope_cached(counter, t->dev);
	const bool time_wait = t->state == TWS_STATE_TIME_WAIT;
	bool twin_blocks = false;
	int wider;

	if (!tws_port_usable(counter->ports, counter->vrf, t->lport))
		return;
	wider = tws_first_wider(counter, scope, at);
	if (wider >= 0) {
		if (at->first + wider < at->i)
			return;		/* the wider one decides */
		twin_blocks = !tws_may_reuse(&counter->rule, at->now,
					     &at->batch[at->first + wider]);
	}
	if (tws_may_reuse(&counter->rule, at->now, t)) {
		row->reuse += time_wait;
		row->spared += twin_blocks;
	} else if (!twin_blocks) {
		row->blocked++;
		row->blocked_tw += time_wait;
	}
}

/**
 * tws_count_restart() - start a pass
 * @counter:	the counter; its table is ready for the pass, and @ports is complete
 */
void tws_count_restart(struct tws_counter *counter)
{
	counter->sockets = 0;
	memset(counter->count, 0, sizeof(counter->count));
	tws_count_scope(counter, 0);
}

/**
 * tws_count_finish() - free what the counting needed
 * @counter:	the counter; its results stay
 */
void tws_count_finish(struct tws_counter *counter)
{
	tws_twins_free(&counter->twins);
}

/**
 * tws_count_batch() - count sockets that a walk has found
 * @counter:	where they are counted
 * @now:	the time, which decides what may be taken over
 * @batch:	the sockets; those of a slot are together, in the order of its chain
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

		if (at.i % TWS_COUNT_STRIDE == TWS_COUNT_STRIDE - 1)
			cond_resched();
		if (t->slot != batch[at.first].slot) {
			at.first = at.i;
			at.end = 0;
		}
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
