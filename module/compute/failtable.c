// SPDX-License-Identifier: GPL-2.0-only
/* Counts of failed connect() calls per pair: the pairs that failed last. */
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "failtable.h"
#include "gfp.h"

/**
 * tws_failtable_init() - make it empty
 * @table:	the table
 * @seed:	seed of its hash
 */
void tws_failtable_init(struct tws_failtable *table, u32 seed)
{
	memset(table, 0, sizeof(*table));
	tws_sets_init(&table->sets, seed, table->few, sizeof(table->few[0]),
		      sizeof(table->few[0].key));
}

/**
 * tws_failtable_add() - count a failed connect()
 * @table:	the table
 * @key:	its pair
 * @call:	the call, its time by a clock that never goes back
 * @promised:	result: see tws_promise_ask()
 *
 * Context: any but NMI.
 * Return: see enum tws_sets_added.
 */
enum tws_sets_added tws_failtable_add(struct tws_failtable *table,
				      const struct tws_key *key,
				      const struct tws_failed_call *call,
				      enum tws_promised *promised)
{
	struct tws_failure *failure;
	enum tws_sets_added added;
	unsigned long flags;

	raw_spin_lock_irqsave(&table->sets.lock, flags);
	failure = tws_sets_find_or_add(&table->sets, key, &added);
	failure->item.rank = ++table->clock;
	failure->count++;
	*promised = tws_promise_ask(&failure->promise, call);
	failure->promise.broken += *promised == TWS_PROMISE_BROKEN;
	failure->last_ms = call->at_ms;
	table->last_ms = call->at_ms;
	raw_spin_unlock_irqrestore(&table->sets.lock, flags);
	return added;
}

/**
 * tws_failtable_count() - how many connect() calls of a pair have failed
 * @table:	the table
 * @key:	the pair
 */
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key)
{
	const struct tws_failure *failure;
	unsigned long flags;
	u32 count;

	raw_spin_lock_irqsave(&table->sets.lock, flags);
	failure = tws_sets_find(&table->sets, key);
	count = failure ? failure->count : 0;
	raw_spin_unlock_irqrestore(&table->sets.lock, flags);
	return count;
}

/**
 * tws_failtable_promise() - replace what was promised of a pair
 * @table:	the table
 * @key:	the pair
 * @promise:	the new promise, not broken yet
 *
 * Return: how many calls have broken the old one. None if the settings have changed
 * since: then nothing was promised.
 */
u32 tws_failtable_promise(struct tws_failtable *table, const struct tws_key *key,
			  const struct tws_promise *promise)
{
	struct tws_failure *failure;
	unsigned long flags;
	u32 broken = 0;

	raw_spin_lock_irqsave(&table->sets.lock, flags);
	failure = tws_sets_find(&table->sets, key);
	if (failure) {
		if (tws_terms_equal(&failure->promise.terms, &promise->terms))
			broken = failure->promise.broken;
		failure->promise = *promise;
	}
	raw_spin_unlock_irqrestore(&table->sets.lock, flags);
	return broken;
}

/**
 * tws_failtable_all() - how many connect() calls have failed, of whatever pair
 * @table:	the table
 * @last_ms:	result: when the last one failed, if one has
 */
u64 tws_failtable_all(struct tws_failtable *table, u64 *last_ms)
{
	unsigned long flags;
	u64 all;

	raw_spin_lock_irqsave(&table->sets.lock, flags);
	all = table->clock;
	*last_ms = table->last_ms;
	raw_spin_unlock_irqrestore(&table->sets.lock, flags);
	return all;
}

static bool tws_fail_is_recent(const struct tws_failure *failure, u64 since_ms)
{
	return failure->item.rank && failure->last_ms >= since_ms;
}

static int tws_fail_newest_first(const void *a, const void *b)
{
	const u64 last_a = *(const u64 *)a, last_b = *(const u64 *)b;

	return last_a < last_b ? 1 : last_a > last_b ? -1 : 0;
}

/* The number of the oldest failure that is one of the @most newest; 0 for all of them. */
static u64 tws_fail_oldest_of(struct tws_failtable *table, u64 since_ms,
			      unsigned int most, u64 *last)
{
	struct tws_failure set[TWS_SET_WAYS];
	unsigned int nr = 0, i;
	int way;

	for (i = 0; tws_sets_copy(&table->sets, i, set); i++)
		for (way = 0; way < TWS_SET_WAYS; way++)
			if (tws_fail_is_recent(&set[way], since_ms))
				last[nr++] = set[way].item.rank;
	if (nr <= most)
		return 0;
	sort(last, nr, sizeof(*last), tws_fail_newest_first, NULL);
	return last[most - 1];
}

/**
 * tws_failtable_recent() - the pairs that have failed lately
 * @table:	the table
 * @since_ms:	not before this time
 * @most:	how many pairs, at least 1: those that failed last
 * @take:	is called for each of them, in any order; false ends it
 * @ctx:	argument of @take
 *
 * Context: process context, may sleep; @take may sleep too.
 * Return: 0, or -ENOMEM.
 */
int tws_failtable_recent(struct tws_failtable *table, u64 since_ms,
			 unsigned int most,
			 bool (*take)(void *ctx, const struct tws_key *key),
			 void *ctx)
{
	struct tws_failure set[TWS_SET_WAYS];
	unsigned int i;
	u64 *last, oldest;
	int way;

	last = kmalloc_array(TWS_SETS_ITEMS, sizeof(*last), TWS_GFP);
	if (!last)
		return -ENOMEM;
	oldest = tws_fail_oldest_of(table, since_ms, most, last);
	kfree(last);
	for (i = 0; most && tws_sets_copy(&table->sets, i, set); i++) {
		for (way = 0; most && way < TWS_SET_WAYS; way++) {
			if (!tws_fail_is_recent(&set[way], since_ms) ||
			    set[way].item.rank < oldest)
				continue;
			if (!take(ctx, &set[way].key))
				return 0;
			most--;
		}
	}
	return 0;
}

/**
 * tws_failtable_reset() - forget all failures
 * @table:	the table
 */
void tws_failtable_reset(struct tws_failtable *table)
{
	unsigned long flags;

	tws_sets_reset(&table->sets);
	raw_spin_lock_irqsave(&table->sets.lock, flags);
	table->clock = 0;
	raw_spin_unlock_irqrestore(&table->sets.lock, flags);
}
