// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is remembered of the last snapshots of a namespace, to tell how fast a destination
 * loses ports that do not come back.
 *
 * At most seven snapshots, and 200 rows of each: a page of memory each, and less if there are
 * few rows.
 */
#include <linux/build_bug.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "compute/gfp.h"
#include "compute/table.h"
#include "history.h"

/*
 * Two that are remembered are at least so far apart: somebody who looks once a second has
 * seven seconds, and of somebody who looks all the time the oldest is five seconds old.
 */
#define TWS_APART_MS	900
/* A change since the oldest is told if it is at least so old, and if it is not too old. */
#define TWS_PAST_LEAST_MS	5000
#define TWS_PAST_MOST_MS	60000

static struct tws_hash_seed tws_other_seed __ro_after_init;

/**
 * tws_history_start() - prepare, when the module is loaded
 *
 * Context: process context.
 */
void __init tws_history_start(void)
{
	get_random_bytes(&tws_other_seed, sizeof(tws_other_seed));
}

void tws_history_init(struct tws_history *history)
{
	memset(history, 0, sizeof(*history));
	spin_lock_init(&history->lock);
}

static void tws_old_snapshot_put(struct tws_old_snapshot *old)
{
	if (old && refcount_dec_and_test(&old->refs))
		kfree(old);
}

void tws_history_free(struct tws_history *history)
{
	unsigned int i;

	for (i = 0; i < TWS_REMEMBERED; i++)
		tws_old_snapshot_put(history->old[i]);
	memset(history->old, 0, sizeof(history->old));
}

static bool tws_counts(const struct tws_old_snapshot *old, ktime_t now,
		       const struct tws_ports_then *ports)
{
	return ktime_ms_delta(now, old->taken) <= TWS_PAST_MOST_MS &&
	       ktime_after(now, old->taken) &&
	       old->ports.range.low == ports->range.low &&
	       old->ports.range.high == ports->range.high &&
	       old->ports.reserved == ports->reserved;
}

/**
 * tws_history_get() - find the snapshots that one of now can be compared with
 * @past:	result, for tws_history_put()
 * @history:	the namespace's
 * @now:	the time
 * @ports:	which ports connect() tries now; a snapshot with others does not count
 */
void tws_history_get(struct tws_past *past, struct tws_history *history, ktime_t now,
		     const struct tws_ports_then *ports)
{
	unsigned int i;

	past->now = now;
	past->nr = 0;
	past->age_ms = 0;
	spin_lock(&history->lock);
	for (i = 0; i < TWS_REMEMBERED; i++) {
		struct tws_old_snapshot *old = history->old[i];

		if (!old || !tws_counts(old, now, ports))
			break;
		refcount_inc(&old->refs);
		past->old[past->nr++] = old;
		past->age_ms = ktime_ms_delta(now, old->taken);
	}
	spin_unlock(&history->lock);
	if (past->age_ms < TWS_PAST_LEAST_MS)
		tws_history_put(past);
}

/**
 * tws_history_put() - drop the snapshots that one was compared with
 * @past:	the snapshots; none afterwards
 */
void tws_history_put(struct tws_past *past)
{
	while (past->nr)
		tws_old_snapshot_put((struct tws_old_snapshot *)past->old[--past->nr]);
}

static struct tws_row *tws_row_of(const struct tws_table *table, const struct tws_row_then *then)
{
	struct tws_row *row = *tws_bucket(table, then->hash);

	while (row && (row->hash != then->hash ||
		       tws_key_hash(&row->key, &tws_other_seed) != then->other_hash))
		row = row->chain;
	return row;
}

static void tws_growth_step(struct tws_growth *growth, u32 kept)
{
	if (kept > growth->last)
		growth->rises += kept - growth->last;
	else
		growth->falls += growth->last - kept;
	growth->last = kept;
}

static void tws_compare_row(struct tws_growth *growth, const struct tws_row_then *then,
			    bool oldest, u32 until_next_ms)
{
	if (oldest) {
		growth->compared = true;
		growth->then = then->kept;
		growth->then_fin_wait2 = then->fin_wait2;
		growth->last = then->kept;
	} else if (growth->compared) {
		tws_growth_step(growth, then->kept);
	}
	growth->expired += div_u64((u64)then->due * until_next_ms, 1000);
}

/**
 * tws_history_compare() - tell the rows what they were before
 * @table:	the table; the outlook of its rows is not known yet
 * @past:	what it is compared with
 *
 * Context: process context, may sleep.
 */
void tws_history_compare(struct tws_table *table, const struct tws_past *past)
{
	unsigned int i = past->nr;
	struct tws_row *row;
	u32 k;

	while (i--) {
		const struct tws_old_snapshot *old = past->old[i];
		const ktime_t next = i ? past->old[i - 1]->taken : past->now;
		const u32 until_next_ms = ktime_ms_delta(next, old->taken);

		for (k = 0; k < old->nr; k++) {
			row = tws_row_of(table, &old->row[k]);
			if (row)
				tws_compare_row(&row->outlook.growth, &old->row[k],
						i == past->nr - 1, until_next_ms);
		}
		cond_resched();
	}
}

/**
 * tws_growth_settle() - see how fast a destination loses ports
 * @growth:	its growth; what is kept now is known
 * @age_ms:	age of the oldest snapshot that it was compared with
 */
void tws_growth_settle(struct tws_growth *growth, u32 age_ms)
{
	const s64 taken = (s64)growth->fin_wait2 - growth->then_fin_wait2 + growth->expired;

	growth->per_10s = TWS_NO_GROWTH;
	if (!growth->compared)
		return;
	tws_growth_step(growth, growth->kept);
	growth->per_10s = div_s64(10000 * ((s64)growth->kept - growth->then), age_ms);
	growth->fin_wait2_10s = div_u64(10000ull * max(taken, 0ll), age_ms);
}

static struct tws_old_snapshot *tws_old_snapshot_of(ktime_t now,
						    const struct tws_ports_then *ports,
						    u64 dropped, const struct tws_table *table)
{
	const u32 most = min(table->nr, TWS_REMEMBERED_ROWS);
	struct tws_old_snapshot *old;
	const struct tws_row *row;

	BUILD_BUG_ON(sizeof(*old) + TWS_REMEMBERED_ROWS * sizeof(old->row[0]) > 4096);

	old = kmalloc(struct_size(old, row, most), TWS_GFP);
	if (!old)
		return NULL;
	refcount_set(&old->refs, 1);
	old->taken = now;
	old->ports = *ports;
	old->dropped = dropped;
	old->nr = 0;
	list_for_each_entry(row, &table->rows, list) {
		if (old->nr == most || row->key.dir != TWS_OUT)
			break;
		if (!row->outlook.known)
			continue;
		old->row[old->nr++] = (struct tws_row_then){
			.hash = row->hash,
			.other_hash = tws_key_hash(&row->key, &tws_other_seed),
			.kept = row->outlook.growth.kept,
			.fin_wait2 = row->outlook.growth.fin_wait2,
			.due = row->outlook.growth.due,
		};
	}
	return old;
}

static bool tws_too_soon(const struct tws_history *history, ktime_t now)
{
	const struct tws_old_snapshot *newest = history->old[0];

	return newest && ktime_ms_delta(now, newest->taken) < TWS_APART_MS;
}

/* Under the lock. Return the oldest one, which is forgotten, or NULL. */
static struct tws_old_snapshot *tws_history_shift(struct tws_history *history,
						  struct tws_old_snapshot *newest)
{
	struct tws_old_snapshot *oldest = history->old[TWS_REMEMBERED - 1];

	memmove(history->old + 1, history->old,
		(TWS_REMEMBERED - 1) * sizeof(history->old[0]));
	history->old[0] = newest;
	return oldest;
}

/**
 * tws_history_add() - remember a snapshot, unless it is too soon
 * @history:	the namespace's
 * @now:	when it was taken
 * @ports:	which ports connect() tried
 * @dropped:	timewait sockets that the kernel had not made until then
 * @table:	its rows, sorted, and all of their outlooks known
 *
 * Without memory for it, it is not remembered.
 *
 * Context: process context, may sleep.
 */
void tws_history_add(struct tws_history *history, ktime_t now,
		     const struct tws_ports_then *ports, u64 dropped,
		     const struct tws_table *table)
{
	struct tws_old_snapshot *old;
	bool soon;

	spin_lock(&history->lock);
	soon = tws_too_soon(history, now);
	spin_unlock(&history->lock);
	if (soon)
		return;
	old = tws_old_snapshot_of(now, ports, dropped, table);
	if (!old)
		return;
	spin_lock(&history->lock);
	if (!tws_too_soon(history, now))
		old = tws_history_shift(history, old);
	spin_unlock(&history->lock);
	tws_old_snapshot_put(old);
}
