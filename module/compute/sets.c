// SPDX-License-Identifier: GPL-2.0-only
/*
 * Items by key, in bounded memory. If a set is full, the item of lowest rank makes
 * room.
 *
 * Most namespaces have no item, or few. So a table has one set at first. Who adds an
 * item cannot allocate: it is told when the table should grow, and somebody else
 * brings the memory.
 */
#include <linux/atomic.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gfp.h"
#include "sets.h"

/* Memory of all tables that have grown. */
static atomic64_t tws_sets_held;

/**
 * tws_sets_init() - make it empty
 * @sets:	the table
 * @seed:	seed of its hash
 * @few:	memory for TWS_SET_WAYS items, zeroed, as long as the table is used
 * @item_size:	size of an item, a multiple of 8
 * @key_size:	size of its key, a multiple of 4
 */
void tws_sets_init(struct tws_sets *sets, u32 seed, void *few, u16 item_size,
		   u16 key_size)
{
	memset(sets, 0, sizeof(*sets));
	raw_spin_lock_init(&sets->lock);
	sets->seed = seed;
	sets->few = few;
	sets->item_size = item_size;
	sets->key_size = key_size;
}

static struct tws_item *tws_item_at(const struct tws_sets *sets, void *set,
				    unsigned int way)
{
	return set + way * sets->item_size;
}

static void *tws_set_in(const struct tws_sets *sets, void **many,
			const void *key)
{
	return many[jhash2(key, sets->key_size / sizeof(u32), sets->seed) %
		    TWS_SETS];
}

static void *tws_set_of(const struct tws_sets *sets, const void *key)
{
	return sets->many ? tws_set_in(sets, sets->many, key) : sets->few;
}

/* A free item, or the one of lowest rank. */
static struct tws_item *tws_item_to_replace(const struct tws_sets *sets,
					    void *set)
{
	struct tws_item *lowest = tws_item_at(sets, set, 0);
	unsigned int way;

	for (way = 1; way < TWS_SET_WAYS; way++) {
		struct tws_item *item = tws_item_at(sets, set, way);

		if (item->rank < lowest->rank)
			lowest = item;
	}
	return lowest;
}

/* The first set is half full: it should grow before an item is forgotten. */
static bool tws_sets_crowded(const struct tws_sets *sets)
{
	return !sets->many &&
	       tws_item_at(sets, sets->few, TWS_SET_WAYS / 2 - 1)->rank;
}

/**
 * tws_sets_find() - find an item
 * @sets:	the table; the caller holds its lock
 * @key:	the key
 *
 * Return: the item, or NULL.
 */
void *tws_sets_find(struct tws_sets *sets, const void *key)
{
	void *set = tws_set_of(sets, key);
	unsigned int way;

	lockdep_assert_held(&sets->lock);
	for (way = 0; way < TWS_SET_WAYS; way++) {
		struct tws_item *item = tws_item_at(sets, set, way);

		if (item->rank && !memcmp(item + 1, key, sets->key_size))
			return item;
	}
	return NULL;
}

/**
 * tws_sets_find_or_add() - find an item, or add it
 * @sets:	the table; the caller holds its lock
 * @key:	the key
 * @added:	result
 *
 * Return: the item. A new one is zero but for its key and the lowest rank that an item
 * may have; the caller gives it another one.
 */
void *tws_sets_find_or_add(struct tws_sets *sets, const void *key,
			   enum tws_sets_added *added)
{
	struct tws_item *item = tws_sets_find(sets, key);

	*added = TWS_SETS_KEPT;
	if (!item) {
		item = tws_item_to_replace(sets, tws_set_of(sets, key));
		if (item->rank)
			*added = TWS_SETS_FORGOT;
		memset(item, 0, sets->item_size);
		memcpy(item + 1, key, sets->key_size);
		item->rank = 1;
	}
	if (*added == TWS_SETS_KEPT && tws_sets_crowded(sets))
		*added = TWS_SETS_CROWDED;
	return item;
}

/**
 * tws_sets_copy() - copy a set
 * @sets:	the table
 * @i:		number of the set, from 0
 * @copy:	result: TWS_SET_WAYS items
 *
 * Return: false if the table has no such set.
 */
bool tws_sets_copy(struct tws_sets *sets, unsigned int i, void *copy)
{
	const void *set = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&sets->lock, flags);
	if (sets->many && i < TWS_SETS)
		set = sets->many[i];
	else if (!sets->many && !i)
		set = sets->few;
	if (set)
		memcpy(copy, set, TWS_SET_WAYS * sets->item_size);
	raw_spin_unlock_irqrestore(&sets->lock, flags);
	return set;
}

static size_t tws_sets_size(const struct tws_sets *sets)
{
	return TWS_SETS * (sizeof(void *) + TWS_SET_WAYS * sets->item_size);
}

static void tws_sets_free(const struct tws_sets *sets, void **many)
{
	unsigned int i;

	if (!many)
		return;
	for (i = 0; i < TWS_SETS; i++)
		kfree(many[i]);
	kfree(many);
	atomic64_sub(tws_sets_size(sets), &tws_sets_held);
}

static void **tws_sets_alloc(const struct tws_sets *sets)
{
	void **many = kcalloc(TWS_SETS, sizeof(*many), TWS_GFP);
	unsigned int i;

	if (!many)
		return NULL;
	atomic64_add(tws_sets_size(sets), &tws_sets_held);
	for (i = 0; i < TWS_SETS; i++) {
		many[i] = kcalloc(TWS_SET_WAYS, sets->item_size, TWS_GFP);
		if (!many[i]) {
			tws_sets_free(sets, many);
			return NULL;
		}
	}
	return many;
}

/* All of them have room, even in one set. */
static void tws_sets_move(struct tws_sets *sets, void **many)
{
	unsigned int way;

	for (way = 0; way < TWS_SET_WAYS; way++) {
		struct tws_item *item = tws_item_at(sets, sets->few, way);
		void *set;

		if (!item->rank)
			continue;
		set = tws_set_in(sets, many, item + 1);
		memcpy(tws_item_to_replace(sets, set), item, sets->item_size);
	}
}

/**
 * tws_sets_grow() - give a table more room, unless it has it
 * @sets:	the table
 *
 * Context: process context, may sleep and allocate.
 * Return: false if memory is short; then the table stays as it is, and forgets sooner.
 */
bool tws_sets_grow(struct tws_sets *sets)
{
	void **many = tws_sets_alloc(sets);
	unsigned long flags;

	if (!many)
		return false;
	raw_spin_lock_irqsave(&sets->lock, flags);
	if (!sets->many) {
		tws_sets_move(sets, many);
		swap(sets->many, many);
	}
	raw_spin_unlock_irqrestore(&sets->lock, flags);
	tws_sets_free(sets, many);
	return true;
}

/**
 * tws_sets_reset() - forget all items, and free what growing has brought
 * @sets:	the table
 *
 * Context: process context.
 */
void tws_sets_reset(struct tws_sets *sets)
{
	void **many;
	unsigned long flags;

	raw_spin_lock_irqsave(&sets->lock, flags);
	many = sets->many;
	sets->many = NULL;
	memset(sets->few, 0, TWS_SET_WAYS * sets->item_size);
	raw_spin_unlock_irqrestore(&sets->lock, flags);
	tws_sets_free(sets, many);
}

/**
 * tws_sets_bytes() - memory that growing has brought to all tables together
 */
u64 tws_sets_bytes(void)
{
	return atomic64_read(&tws_sets_held);
}
