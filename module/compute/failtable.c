// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts of failed connect() calls per pair, in bounded memory. If a set is full,
 * the pair whose last failure is the oldest makes room.
 *
 * Most namespaces see no failure, or failures of one pair. So a table has few
 * pairs at first. Who adds a failure cannot allocate: it says when the table
 * should grow, and somebody else brings the memory.
 */
#include <linux/jhash.h>
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
	table->seed = seed;
	raw_spin_lock_init(&table->lock);
}

static struct tws_fail_set *tws_fail_set_in(const struct tws_failtable *table,
					    struct tws_fail_set *many,
					    const struct tws_key *key)
{
	return &many[jhash2((const u32 *)key, sizeof(*key) / sizeof(u32),
			    table->seed) % TWS_FAIL_SETS];
}

/* The caller holds the lock. */
static struct tws_fail_set *tws_fail_set(struct tws_failtable *table,
					 const struct tws_key *key)
{
	return table->many ? tws_fail_set_in(table, table->many, key) : &table->few;
}

static struct tws_failure *tws_fail_find(struct tws_fail_set *set,
					 const struct tws_key *key)
{
	int i;

	for (i = 0; i < TWS_FAIL_WAYS; i++)
		if (set->way[i].count &&
		    !memcmp(&set->way[i].key, key, sizeof(*key)))
			return &set->way[i];
	return NULL;
}

/* A free entry, or the one whose last failure is the oldest. */
static struct tws_failure *tws_fail_oldest(struct tws_fail_set *set)
{
	struct tws_failure *oldest = &set->way[0];
	int i;

	for (i = 0; i < TWS_FAIL_WAYS; i++) {
		if (!set->way[i].count)
			return &set->way[i];
		if (set->way[i].last < oldest->last)
			oldest = &set->way[i];
	}
	return oldest;
}

static void tws_fail_put(struct tws_fail_set *set,
			 const struct tws_failure *failure)
{
	*tws_fail_oldest(set) = *failure;
}

/* The first set is half full: it should grow before a pair is forgotten. */
static bool tws_fail_crowded(const struct tws_failtable *table)
{
	return !table->many && table->few.way[TWS_FAIL_WAYS / 2 - 1].count;
}

/**
 * tws_failtable_add() - count a failed connect()
 * @table:	the table
 * @key:	its pair
 * @now_ms:	the time, by a clock that never goes back
 *
 * Context: any but NMI.
 * Return: see enum tws_fail_added.
 */
enum tws_fail_added tws_failtable_add(struct tws_failtable *table,
				      const struct tws_key *key, u64 now_ms)
{
	enum tws_fail_added added = TWS_FAIL_KEPT;
	struct tws_failure *failure;
	struct tws_fail_set *set;
	unsigned long flags;

	raw_spin_lock_irqsave(&table->lock, flags);
	set = tws_fail_set(table, key);
	failure = tws_fail_find(set, key);
	if (!failure) {
		failure = tws_fail_oldest(set);
		if (failure->count)
			added = TWS_FAIL_FORGOT;
		failure->key = *key;
		failure->count = 0;
	}
	failure->count++;
	failure->last = ++table->clock;
	failure->last_ms = now_ms;
	table->last_ms = now_ms;
	if (added == TWS_FAIL_KEPT && tws_fail_crowded(table))
		added = TWS_FAIL_CROWDED;
	raw_spin_unlock_irqrestore(&table->lock, flags);
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
	u32 count = 0;

	raw_spin_lock_irqsave(&table->lock, flags);
	failure = tws_fail_find(tws_fail_set(table, key), key);
	if (failure)
		count = failure->count;
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return count;
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

	raw_spin_lock_irqsave(&table->lock, flags);
	all = table->clock;
	*last_ms = table->last_ms;
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return all;
}

/* Return false if the table has no such set. */
static bool tws_fail_copy_set(struct tws_failtable *table, unsigned int i,
			      struct tws_fail_set *copy)
{
	const struct tws_fail_set *set = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&table->lock, flags);
	if (table->many && i < TWS_FAIL_SETS)
		set = &table->many[i];
	else if (!table->many && !i)
		set = &table->few;
	if (set)
		*copy = *set;
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return set;
}

static bool tws_fail_is_recent(const struct tws_failure *failure, u64 since_ms)
{
	return failure->count && failure->last_ms >= since_ms;
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
	struct tws_fail_set set;
	unsigned int nr = 0, i;
	int way;

	for (i = 0; tws_fail_copy_set(table, i, &set); i++)
		for (way = 0; way < TWS_FAIL_WAYS; way++)
			if (tws_fail_is_recent(&set.way[way], since_ms))
				last[nr++] = set.way[way].last;
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
	struct tws_fail_set set;
	unsigned int i;
	u64 *last, oldest;
	int way;

	last = kmalloc_array(TWS_FAIL_SETS * TWS_FAIL_WAYS, sizeof(*last),
			     TWS_GFP);
	if (!last)
		return -ENOMEM;
	oldest = tws_fail_oldest_of(table, since_ms, most, last);
	kfree(last);
	for (i = 0; most && tws_fail_copy_set(table, i, &set); i++) {
		for (way = 0; most && way < TWS_FAIL_WAYS; way++) {
			if (!tws_fail_is_recent(&set.way[way], since_ms) ||
			    set.way[way].last < oldest)
				continue;
			if (!take(ctx, &set.way[way].key))
				return 0;
			most--;
		}
	}
	return 0;
}

/**
 * tws_failtable_grow() - give a table more room
 * @table:	the table
 * @many:	TWS_FAIL_SETS sets, zeroed
 *
 * Return: what the caller frees: NULL, or @many if the table has grown before.
 */
struct tws_fail_set *tws_failtable_grow(struct tws_failtable *table,
					struct tws_fail_set *many)
{
	unsigned long flags;
	int i;

	raw_spin_lock_irqsave(&table->lock, flags);
	if (!table->many) {
		for (i = 0; i < TWS_FAIL_WAYS; i++) {
			const struct tws_failure *failure = &table->few.way[i];

			/* All of them have room, even in one set. */
			if (failure->count)
				tws_fail_put(tws_fail_set_in(table, many,
							     &failure->key),
					     failure);
		}
		swap(table->many, many);
	}
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return many;
}

/**
 * tws_failtable_reset() - forget all failures
 * @table:	the table
 *
 * Return: what the caller frees, or NULL.
 */
struct tws_fail_set *tws_failtable_reset(struct tws_failtable *table)
{
	struct tws_fail_set *many;
	unsigned long flags;

	raw_spin_lock_irqsave(&table->lock, flags);
	many = table->many;
	table->many = NULL;
	memset(&table->few, 0, sizeof(table->few));
	table->clock = 0;
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return many;
}
