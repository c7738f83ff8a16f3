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
#include <linux/string.h>

#include "failtable.h"

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
 *
 * Context: any but NMI.
 * Return: see enum tws_fail_added.
 */
enum tws_fail_added tws_failtable_add(struct tws_failtable *table,
				      const struct tws_key *key)
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
	raw_spin_unlock_irqrestore(&table->lock, flags);
	return many;
}
