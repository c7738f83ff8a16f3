// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts of failed connect() calls per pair, in memory of a fixed size. If a
 * set is full, the pair whose last failure is the oldest makes room.
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
	int i;

	memset(table, 0, sizeof(*table));
	table->seed = seed;
	for (i = 0; i < TWS_FAIL_SETS; i++)
		raw_spin_lock_init(&table->set[i].lock);
}

static struct tws_fail_set *tws_fail_set(struct tws_failtable *table,
					 const struct tws_key *key,
					 unsigned int netns)
{
	u32 hash = jhash2((const u32 *)key, sizeof(*key) / sizeof(u32),
			  table->seed ^ netns);

	return &table->set[hash % TWS_FAIL_SETS];
}

static struct tws_failure *tws_fail_find(struct tws_fail_set *set,
					 const struct tws_key *key,
					 unsigned int netns)
{
	int i;

	for (i = 0; i < TWS_FAIL_WAYS; i++)
		if (set->way[i].netns == netns &&
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
		if (!set->way[i].netns)
			return &set->way[i];
		if (set->way[i].last < oldest->last)
			oldest = &set->way[i];
	}
	return oldest;
}

/**
 * tws_failtable_add() - count a failed connect()
 * @table:	the table
 * @key:	its pair
 * @netns:	inode number of its namespace
 *
 * Context: any but NMI.
 */
void tws_failtable_add(struct tws_failtable *table, const struct tws_key *key,
		       unsigned int netns)
{
	struct tws_fail_set *set = tws_fail_set(table, key, netns);
	struct tws_failure *failure;
	unsigned long flags;

	raw_spin_lock_irqsave(&set->lock, flags);
	failure = tws_fail_find(set, key, netns);
	if (!failure) {
		failure = tws_fail_oldest(set);
		if (failure->netns)
			atomic64_inc(&table->forgotten);
		failure->key = *key;
		failure->netns = netns;
		failure->count = 0;
	}
	failure->count++;
	failure->last = atomic64_inc_return(&table->clock);
	raw_spin_unlock_irqrestore(&set->lock, flags);
}

/**
 * tws_failtable_count() - how many connect() calls of a pair have failed
 * @table:	the table
 * @key:	the pair
 * @netns:	inode number of its namespace
 */
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key,
			unsigned int netns)
{
	struct tws_fail_set *set = tws_fail_set(table, key, netns);
	const struct tws_failure *failure;
	unsigned long flags;
	u32 count = 0;

	raw_spin_lock_irqsave(&set->lock, flags);
	failure = tws_fail_find(set, key, netns);
	if (failure)
		count = failure->count;
	raw_spin_unlock_irqrestore(&set->lock, flags);
	return count;
}

/**
 * tws_failtable_drop() - forget a namespace, whose number may be used again
 * @table:	the table
 * @netns:	its inode number
 */
void tws_failtable_drop(struct tws_failtable *table, unsigned int netns)
{
	unsigned long flags;
	int i, way;

	for (i = 0; i < TWS_FAIL_SETS; i++) {
		struct tws_fail_set *set = &table->set[i];

		raw_spin_lock_irqsave(&set->lock, flags);
		for (way = 0; way < TWS_FAIL_WAYS; way++)
			if (set->way[way].netns == netns)
				set->way[way].netns = 0;
		raw_spin_unlock_irqrestore(&set->lock, flags);
	}
}
