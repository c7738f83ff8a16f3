// SPDX-License-Identifier: GPL-2.0-only
/* Counts sockets in their rows, and which of them block a port. */
#include <linux/string.h>

#include "compute/portmap.h"
#include "compute/stride.h"
#include "compute/table.h"
#include "count.h"
#include "settings.h"

/* Sockets that are counted between two chances to reschedule. */
#define TWS_COUNT_STRIDE	256
/* Sockets whose rows are fetched from memory at a time, a bit of a long each. */
#define TWS_CHUNK		16u

/* A socket whose row is looked for: first it is fetched from memory. */
struct tws_looked_up {
	unsigned int i;		/* its index in the batch */
	struct tws_key key;
	u32 hash;
};

/* Where the counting of a batch is, and the time. */
struct tws_cursor {
	const struct tws_clock *now;
	const struct tws_tuple *batch;
	unsigned int nr;
	unsigned int i;
	bool indexed;	/* the batch has an index */
};

/* Most sockets have the device of the one before: the last scope is kept. */
static void tws_count_scope(struct tws_counter *counter, int dev)
{
	struct tws_vrf_ports *vrf;

	tws_scope_of(&counter->scope, counter->net, dev);
	vrf = tws_portmap_vrf(counter->ports, counter->scope.l3mdev);
	counter->vrf = vrf;
	counter->sets.listening = tws_listened_ports(vrf);
	counter->sets.usable = counter->ports_known ?
			       tws_usable_ports(counter->ports, vrf) : NULL;
}

static inline void tws_count_scope_of(struct tws_counter *counter,
				      const struct tws_tuple *t)
{
	if (counter->scope.dev != t->dev)
		tws_count_scope(counter, t->dev);
}

/* Get ready to find twins in the batch. */
static void tws_index_batch(struct tws_counter *counter, struct tws_cursor *at)
{
	if (at->indexed)
		return;
	at->indexed = true;
	if (!tws_twins_of(&counter->twins, at->batch, at->nr))
		counter->short_of_memory = true;
}

/*
 * The kernel stops at the first socket of the chain that competes for the port
 * (inet_hashtables.c:__inet_check_established()). Of the twins of a wider scope
 * return the index of the first one, or -1 if there is none.
 */
static int tws_first_wider(struct tws_counter *counter, struct tws_cursor *at)
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

/* A timewait socket in FIN_WAIT2 that blocks a port gives it back. */
static void tws_count_fin_wait2(struct tws_counter *counter, struct tws_row *row,
				const struct tws_tuple *t)
{
	struct tws_aside *aside;

	if (t->state != TWS_STATE_FIN_WAIT2 || t->kind != TWS_KIND_TIMEWAIT)
		return;
	row->blocked_fw2++;
	aside = tws_row_aside(counter->table, row);
	if (aside)
		aside->fin_wait2[tws_age_bin(t->left_ms)]++;
	else
		counter->short_of_memory = true;
}

/*
 * A port of an out row that connect() skips: bind() has taken it, or it is reserved or not
 * tried. It blocks nothing in this row.
 */
static void tws_count_skipped(struct tws_counter *counter, struct tws_row *row,
			      const struct tws_tuple *t)
{
	struct tws_aside *aside;

	if (t->state != TWS_STATE_TIME_WAIT)
		return;
	aside = tws_row_aside(counter->table, row);
	if (aside)
		aside->skipped[tws_age_bin(t->left_ms)]++;
	else
		counter->short_of_memory = true;
}

/*
 * Ports that sockets of a wider scope block are counted in the rows of these. So
 * the row of a socket that has such a twin counts the difference only.
 */
static void tws_count_beside_wider(struct tws_counter *counter,
				   struct tws_row *row, struct tws_cursor *at,
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
		twin = tws_verdict_on(counter, at->now, t, tws_tuple_on_loopback(t));
	}
	if (v.now) {
		row->reuse += time_wait;
		row->spared += !twin.now;
	} else if (twin.now) {
		row->blocked++;
		row->blocked_tw += time_wait;
		tws_count_fin_wait2(counter, row, &at->batch[at->i]);
	}
	if (v.if_on)
		row->spared_if += !twin.if_on;
	else
		row->blocked_if += twin.if_on;
}

/* Nobody of a wider scope has the port. */
static inline void tws_count_alone(struct tws_counter *counter, struct tws_row *row,
				   const struct tws_tuple *t, struct tws_verdict v)
{
	tws_row_add_ports(row, t->state == TWS_STATE_TIME_WAIT, 1, v.now, v.if_on);
	if (!v.now)
		tws_count_fin_wait2(counter, row, t);
}

static void tws_count_port(struct tws_counter *counter, struct tws_row *row,
			   struct tws_cursor *at, const struct tws_tuple *t)
{
	struct tws_verdict v;

	tws_count_scope_of(counter, t);
	if (!test_bit(t->lport, counter->sets.usable)) {
		tws_count_skipped(counter, row, t);
		return;
	}
	v = tws_verdict_on(counter, at->now, t, row->loopback);
	if (unlikely(counter->scope.nr_wider))
		tws_count_beside_wider(counter, row, at, v);
	else
		tws_count_alone(counter, row, t, v);
}

/* Note when a port that connect() skips comes back, whether its socket has a row or not. */
static void tws_note_port_end(struct tws_counter *counter, const struct tws_tuple *t)
{
	tws_count_scope_of(counter, t);
	if (counter->vrf && !test_bit(t->lport, counter->sets.usable) &&
	    !tws_ends_note(&counter->vrf->ends, t))
		counter->short_of_memory = true;
}

/**
 * tws_count_restart() - start a pass
 * @counter:	the counter; its table is ready for the pass, and @ports is finished
 */
void tws_count_restart(struct tws_counter *counter)
{
	counter->sockets = 0;
	memset(counter->fin_wait2, 0, sizeof(counter->fin_wait2));
	memset(counter->count, 0, sizeof(counter->count));
	tws_count_scope(counter, 0);
	/* tws_dir_of() does not ask who listens there. */
	counter->plain = counter->sets.usable;
}

/**
 * tws_count_finish() - free what the counting needed
 * @counter:	the counter; its results stay
 */
void tws_count_finish(struct tws_counter *counter)
{
	tws_twins_free(&counter->twins);
}

/*
 * Whether the row of a socket of an out row may be remembered. A socket without a device has
 * no twin of a wider scope (scope.h).
 */
static inline bool tws_is_plain(const struct tws_tuple *t)
{
	return !t->dev;
}

/* Requests are of other rows, and of those in FIN_WAIT2 more is to be counted. */
static inline bool tws_is_quick(const struct tws_tuple *t)
{
	return t->state != TWS_STATE_FIN_WAIT2 && t->kind != TWS_KIND_REQUEST;
}

/*
 * Count a socket whose row is remembered, as tws_count_found() would: nearly all are
 * counted here. Return false if it is not, or if connect() may not use its port: then
 * the socket is not counted.
 */
static inline bool tws_count_known(struct tws_counter *counter, const unsigned long *plain,
				   struct tws_recent *recent,
				   const struct tws_clock *now,
				   const struct tws_tuple *t)
{
	const u8 state = t->state;
	struct tws_recent_row *known;
	struct tws_row *row;
	u64 pair;

	if (!test_bit(t->lport, plain) || !tws_is_plain(t))
		return false;
	if (state != TWS_STATE_TIME_WAIT && !tws_is_quick(t))
		return false;
	pair = tws_recent_pair(t);
	known = tws_recent_entry(recent, t, pair);
	/*
	 * Have its address once, not worked out again for each field: 8 instructions less
	 * for each socket.
	 */
	OPTIMIZER_HIDE_VAR(known);
	row = tws_recent_row(known, t, pair);
	if (!row)
		return false;
	if (state == TWS_STATE_TIME_WAIT) {
		counter->count[TWS_STATE_TIME_WAIT]++;
		known->timewait++;
		known->reusable += tws_reusable_timewait(&counter->rule, now, t);
		tws_row_add_age(row, t->left_ms);
	} else {
		counter->count[state]++;
		tws_row_add_socket(row, t);
		tws_count_alone(counter, row, t,
				tws_verdict_on(counter, now, t, row->loopback));
	}
	return true;
}

/* Count what can be counted quickly of a chunk. Return the others, a bit for each. */
static unsigned long tws_count_quickly(struct tws_counter *counter,
				       const struct tws_clock *now,
				       const struct tws_tuple *chunk, unsigned int nr)
{
	struct tws_recent *const recent = counter->table->recent;
	const unsigned long *const plain = counter->plain;
	const struct tws_clock clock = *now;
	unsigned long others = 0;
	unsigned int i;

	if (!plain || !recent)
		return GENMASK(nr - 1, 0);
	for (i = 0; i < nr; i++)
		if (!tws_count_known(counter, plain, recent, &clock, &chunk[i]))
			others |= BIT(i);
	return others;
}

static void tws_look_up(struct tws_counter *counter, struct tws_looked_up *look,
			const struct tws_tuple *t, unsigned int i)
{
	look->i = i;
	tws_count_scope_of(counter, t);
	tws_classify(&look->key, t, counter->range, &counter->sets);
	look->hash = tws_key_hash(&look->key, counter->table->seed);
	tws_table_fetch_bucket(counter->table, look->hash);
}

static void tws_count_found(struct tws_counter *counter, struct tws_cursor *at,
			    const struct tws_looked_up *look)
{
	struct tws_table *table = counter->table;
	const struct tws_tuple *t = &at->batch[look->i];
	struct tws_row *row;

	at->i = look->i;
	counter->count[t->state]++;
	if (t->state == TWS_STATE_FIN_WAIT2 && t->kind == TWS_KIND_TIMEWAIT)
		counter->fin_wait2[tws_age_bin(t->left_ms)]++;
	if (look->key.dir == TWS_OUT && counter->ports_known)
		tws_note_port_end(counter, t);
	row = tws_table_find_or_add(table, &look->key, look->hash);
	if (!row)
		return;
	tws_row_add_socket(row, t);
	if (row->key.dir != TWS_OUT)
		return;
	if (table->recent && tws_is_plain(t))
		tws_recent_keep(table->recent, t, row,
				tws_reuse_allowed(&counter->rule, row->loopback));
	if (counter->ports_known)
		tws_count_port(counter, row, at, t);
}

/* Count the sockets of a chunk whose bits are set. */
static void tws_count_closely(struct tws_counter *counter, struct tws_cursor *at,
			      unsigned int begin, unsigned long which)
{
	struct tws_looked_up looks[TWS_CHUNK];
	unsigned int nr = 0, k;

	for_each_set_bit(k, &which, TWS_CHUNK)
		tws_look_up(counter, &looks[nr++], &at->batch[begin + k], begin + k);
	for (k = 0; k < nr; k++)
		tws_table_fetch_row(counter->table, looks[k].hash,
				    &at->batch[looks[k].i]);
	for (k = 0; k < nr; k++)
		tws_count_found(counter, at, &looks[k]);
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
	struct tws_cursor at = { .now = now, .batch = batch, .nr = nr };
	unsigned long others;
	unsigned int i, end;

	BUILD_BUG_ON(TWS_COUNT_STRIDE % TWS_CHUNK);

	counter->sockets += nr;
	for (i = 0; i < nr; i = end) {
		end = min(i + TWS_CHUNK, nr);
		others = tws_count_quickly(counter, now, &batch[i], end - i);
		if (others)
			tws_count_closely(counter, &at, i, others);
		if (end % TWS_COUNT_STRIDE == 0)
			tws_breathe(counter->breath);
	}
}
