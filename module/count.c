// SPDX-License-Identifier: GPL-2.0-only
/* Counts sockets in their rows, and which of them block a port. */
#include <linux/string.h>

#include "breath.h"
#include "compute/classify.h"
#include "count.h"
#include "netscope.h"
#include "compute/portmap.h"
#include "compute/table.h"

/* Sockets that are counted between two chances to reschedule. */
#define TWS_COUNT_STRIDE	256
/* Sockets whose rows are fetched from memory at a time. */
#define TWS_CHUNK		16u

/*
 * A row that is looked for. First it is fetched from memory. If it is known at once,
 * there is no key.
 */
struct tws_looked_up {
	struct tws_row *known;
	struct tws_key key;
	u32 hash;
};

/* A place in a batch, and the time. */
struct tws_place {
	const struct tws_clock *now;
	const struct tws_tuple *batch;
	unsigned int nr;
	unsigned int i;
	bool twins;	/* the batch has an index */
};

/* Most sockets have the device of the one before: the last scope is kept. */
static void tws_count_scope(struct tws_counter *counter, int dev)
{
	tws_scope_of(&counter->scope, counter->net, dev);
	if (counter->ports)
		counter->vrf = tws_portmap_vrf(counter->ports,
					       counter->scope.l3mdev);
}

/* Get ready to find twins in the batch. */
static void tws_index_batch(struct tws_counter *counter, struct tws_place *at)
{
	if (at->twins)
		return;
	at->twins = true;
	if (!tws_twins_of(&counter->twins, at->batch, at->nr))
		counter->short_of_memory = true;
}

/*
 * The kernel stops at the first socket of the chain that competes for the port
 * (inet_hashtables.c:__inet_check_established()). Of the twins of a wider scope
 * return the place of the first one, or -1 if there is none.
 */
static int tws_first_wider(struct tws_counter *counter, struct tws_place *at)
{
	const struct tws_scope *scope = &counter->scope;
	int first = -1, found;
	unsigned int i;

	tws_index_batch(counter, at);
	for (i = 0; i < scope->nr_wider; i++) {
		found = tws_twins_find(&counter->twins, &at->batch[at->i],
				       scope->wider[i]);
		if (found >= 0 && (first < 0 || found < first))
			first = found;
	}
	return first;
}

/* Whether connect() would take over a socket: now, and with tcp_tw_reuse=1. */
struct tws_verdict {
	bool now;
	bool if_on;
};

static inline struct tws_verdict tws_verdict_on(const struct tws_counter *counter,
						const struct tws_clock *now,
						const struct tws_tuple *t,
						bool on_loopback)
{
	struct tws_verdict v;

	v.if_on = tws_reusable(&counter->rule, now, t);
	v.now = v.if_on && tws_reuse_allowed(&counter->rule, on_loopback);
	return v;
}

/*
 * Ports that sockets of a wider scope block are counted in the rows of these. So
 * the row of a socket that has such a twin counts the difference only.
 */
static void tws_count_beside_wider(struct tws_counter *counter,
				   struct tws_row *row, struct tws_place *at,
				   struct tws_verdict v)
{
	const bool time_wait = at->batch[at->i].state == TWS_STATE_TIME_WAIT;
	const int wider = tws_first_wider(counter, at);
	/* No twin, and one that is taken over, leave the decision to the socket. */
	struct tws_verdict twin = { .now = true, .if_on = true };
	const struct tws_tuple *t;

	if (wider >= 0) {
		if (wider < at->i)
			return;		/* the wider one decides */
		t = &at->batch[wider];
		twin = tws_verdict_on(counter, at->now, t,
				      tws_on_loopback(&t->local, &t->remote, t->dev));
	}
	if (v.now) {
		row->reuse += time_wait;
		row->spared += !twin.now;
	} else if (twin.now) {
		row->blocked++;
		row->blocked_tw += time_wait;
	}
	if (v.if_on)
		row->spared_if += !twin.if_on;
	else
		row->blocked_if += twin.if_on;
}

static inline void tws_count_port(struct tws_counter *counter,
				  struct tws_row *row, struct tws_place *at,
				  const struct tws_tuple *t)
{
	const bool time_wait = t->state == TWS_STATE_TIME_WAIT;
	struct tws_verdict v;

	if (counter->scope.dev != t->dev)
		tws_count_scope(counter, t->dev);
	if (!tws_port_usable(counter->ports, counter->vrf, t->lport))
		return;
	v = tws_verdict_on(counter, at->now, t, row->loopback);
	if (unlikely(counter->scope.nr_wider)) {
		tws_count_beside_wider(counter, row, at, v);
		return;
	}
	row->blocked_if += !v.if_on;
	if (v.now) {
		row->reuse += time_wait;
	} else {
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

/* Whether the row of a socket is one of those that are remembered. */
static inline bool tws_is_plain(const struct tws_counter *counter,
				const struct tws_tuple *t)
{
	return t->v4 && !t->dev && counter->table->recent &&
	       tws_dir_of(t, counter->range, counter->listening) == TWS_OUT;
}

static inline void tws_look_closely(const struct tws_counter *counter,
				    struct tws_looked_up *look,
				    const struct tws_tuple *t)
{
	look->known = NULL;
	tws_classify(&look->key, t, counter->range, counter->listening);
	look->hash = tws_key_hash(&look->key, counter->table->seed);
	tws_table_fetch_bucket(counter->table, look->hash);
}

static inline void tws_look_up(const struct tws_counter *counter,
			       struct tws_looked_up *look, const struct tws_tuple *t)
{
	if (tws_is_plain(counter, t)) {
		look->known = tws_recent_find(counter->table->recent, t);
		if (look->known) {
			tws_row_fetch(look->known);
			return;
		}
	}
	tws_look_closely(counter, look, t);
}

/* May be called later than tws_look_up(): rows that were known may have gone. */
static inline struct tws_row *tws_row_of(struct tws_counter *counter,
					 struct tws_looked_up *look,
					 const struct tws_tuple *t)
{
	struct tws_row *row;

	if (look->known) {
		if (likely(counter->table->recent))
			return look->known;
		tws_look_closely(counter, look, t);
	}
	row = tws_table_find_or_add(counter->table, &look->key, look->hash);
	if (row && tws_is_plain(counter, t))
		tws_recent_keep(counter->table->recent, t, row);
	return row;
}

static inline void tws_count_socket(struct tws_counter *counter,
				    struct tws_place *at,
				    struct tws_looked_up *look,
				    const struct tws_tuple *t)
{
	struct tws_row *row;

	counter->count[t->state]++;
	row = tws_row_of(counter, look, t);
	if (!row)
		return;
	tws_row_add_socket(row, t);
	if (row->key.dir == TWS_OUT && counter->ports)
		tws_count_port(counter, row, at, t);
}

/**
 * tws_count_batch() - count sockets that a walk has found
 * @counter:	where they are counted
 * @now:	the time, which decides what may be taken over
 * @batch:	the sockets: all of a slot, in the order of its chain
 * @nr:		how many
 *
 * Context: may sleep and allocate.
 */
void tws_count_batch(struct tws_counter *counter, const struct tws_clock *now,
		     const struct tws_tuple *batch, unsigned int nr)
{
	struct tws_place at = { .now = now, .batch = batch, .nr = nr };
	struct tws_looked_up chunk[TWS_CHUNK], *look;
	const struct tws_looked_up *end;
	const struct tws_tuple *t;

	BUILD_BUG_ON(TWS_COUNT_STRIDE % TWS_CHUNK);

	counter->sockets += nr;
	while (at.i < nr) {
		end = chunk + min(nr - at.i, TWS_CHUNK);
		for (look = chunk, t = batch; look < end; look++, t++)
			tws_look_up(counter, look, t);
		for (look = chunk; look < end; look++)
			if (!look->known)
				tws_table_fetch_row(counter->table, look->hash);
		for (look = chunk; look < end; look++, at.i++, batch++)
			tws_count_socket(counter, &at, look, batch);
		if (at.i % TWS_COUNT_STRIDE == 0)
			tws_breathe(counter->breath);
	}
}
