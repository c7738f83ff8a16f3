// SPDX-License-Identifier: GPL-2.0-only
/*
 * Items by key, in bounded memory. At the bound the item that was not used for longest
 * makes room.
 *
 * Most namespaces have no item, or few. So a memo begins with room for a few. Who adds
 * an item cannot allocate: room for more comes from a reserve. While the reserve is
 * empty, the memo forgets sooner.
 */
#include <linux/jhash.h>
#include <linux/string.h>

#include "memo.h"

static void tws_memo_clear(struct tws_memo *memo)
{
	unsigned int i;

	memo->nr = 0;
	memo->room = TWS_MEMO_FEW;
	memset(memo->chunks, 0, sizeof(memo->chunks));
	for (i = 0; i < TWS_MEMO_HEADS; i++)
		INIT_HLIST_HEAD(&memo->heads[i]);
	INIT_LIST_HEAD(&memo->fleeting);
	INIT_LIST_HEAD(&memo->lasting);
}

/**
 * tws_memo_init() - make an empty memo
 * @memo:	the memo
 * @seed:	seed of its hash
 * @most:	items at most, TWS_MEMO_FEW to TWS_MEMO_ITEMS
 * @few:	memory for TWS_MEMO_FEW items, as long as the memo is used
 * @item_size:	size of an item, a multiple of 8
 * @key_size:	size of its key, a multiple of 4
 * @reserve:	where memory for more comes from
 */
void tws_memo_init(struct tws_memo *memo, u32 seed, u16 most, void *few,
		   u16 item_size, u16 key_size, struct tws_reserve *reserve)
{
	memset(memo, 0, sizeof(*memo));
	raw_spin_lock_init(&memo->lock);
	memo->seed = seed;
	memo->most = most;
	memo->few = few;
	memo->item_size = item_size;
	memo->key_size = key_size;
	memo->reserve = reserve;
	tws_memo_clear(memo);
}

static unsigned int tws_memo_in_chunk(const struct tws_memo *memo)
{
	return TWS_CHUNK_BYTES / memo->item_size;
}

static struct tws_memo_item *tws_memo_at(const struct tws_memo *memo, unsigned int i)
{
	unsigned int many = i - TWS_MEMO_FEW;

	if (i < TWS_MEMO_FEW)
		return memo->few + i * memo->item_size;
	return memo->chunks[many / tws_memo_in_chunk(memo)] +
	       many % tws_memo_in_chunk(memo) * memo->item_size;
}

static bool tws_memo_grow(struct tws_memo *memo)
{
	const unsigned int nr = (memo->room - TWS_MEMO_FEW) / tws_memo_in_chunk(memo);

	if (!memo->reserve || nr == TWS_MEMO_CHUNKS)
		return false;
	memo->chunks[nr] = tws_reserve_take(memo->reserve);
	if (!memo->chunks[nr])
		return false;
	memo->room += tws_memo_in_chunk(memo);
	return true;
}

/* NULL if there is no room. */
static struct tws_memo_item *tws_memo_new(struct tws_memo *memo)
{
	if (memo->nr == memo->most)
		return NULL;
	if (memo->nr == memo->room && !tws_memo_grow(memo))
		return NULL;
	return tws_memo_at(memo, memo->nr++);
}

/* Take out the item that makes room for another one. */
static struct tws_memo_item *tws_memo_forget(struct tws_memo *memo)
{
	struct list_head *from = list_empty(&memo->fleeting) ? &memo->lasting :
							       &memo->fleeting;
	struct tws_memo_item *item = list_last_entry(from, struct tws_memo_item, age);

	hlist_del(&item->chain);
	list_del(&item->age);
	return item;
}

static struct hlist_head *tws_memo_head(struct tws_memo *memo, const void *key)
{
	return &memo->heads[jhash2(key, memo->key_size / sizeof(u32), memo->seed) %
			    TWS_MEMO_HEADS];
}

static struct tws_memo_item *tws_memo_find_in(const struct tws_memo *memo,
					      const struct hlist_head *head, const void *key)
{
	struct tws_memo_item *item;

	hlist_for_each_entry(item, head, chain)
		if (!memcmp(item + 1, key, memo->key_size))
			return item;
	return NULL;
}

/**
 * tws_memo_find() - find an item
 * @memo:	the memo; the caller holds its lock
 * @key:	the key
 *
 * Return: the item, or NULL.
 */
void *tws_memo_find(struct tws_memo *memo, const void *key)
{
	lockdep_assert_held(&memo->lock);
	return tws_memo_find_in(memo, tws_memo_head(memo, key), key);
}

/**
 * tws_memo_find_or_add() - find an item, or add it
 * @memo:	the memo; the caller holds its lock
 * @key:	the key
 * @forgot:	result: another item was forgotten for it
 *
 * Return: the item, for tws_memo_use(). A new one is zero but for its key.
 */
void *tws_memo_find_or_add(struct tws_memo *memo, const void *key, bool *forgot)
{
	struct hlist_head *head = tws_memo_head(memo, key);
	struct tws_memo_item *item = tws_memo_find_in(memo, head, key);

	lockdep_assert_held(&memo->lock);
	*forgot = false;
	if (item)
		return item;
	item = tws_memo_new(memo);
	if (!item) {
		item = tws_memo_forget(memo);
		*forgot = true;
	}
	memset(item, 0, memo->item_size);
	memcpy(item + 1, key, memo->key_size);
	item->born = ++memo->born;
	hlist_add_head(&item->chain, head);
	list_add(&item->age, &memo->fleeting);
	return item;
}

/**
 * tws_memo_use() - say that an item was used just now
 * @memo:	the memo; the caller holds its lock
 * @item:	one of its items
 * @lasting:	it makes room after those that are not
 */
void tws_memo_use(struct tws_memo *memo, void *item, bool lasting)
{
	struct list_head *ages = lasting ? &memo->lasting : &memo->fleeting;
	struct tws_memo_item *used = item;

	lockdep_assert_held(&memo->lock);
	if (!list_is_first(&used->age, ages))
		list_move(&used->age, ages);
}

/**
 * tws_memo_read() - begin to read all items
 * @memo:	the memo
 * @reader:	result: for tws_memo_copy()
 */
void tws_memo_read(struct tws_memo *memo, struct tws_memo_reader *reader)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&memo->lock, flags);
	reader->next = 0;
	reader->born = memo->born;
	raw_spin_unlock_irqrestore(&memo->lock, flags);
}

/**
 * tws_memo_copy() - copy the next few items
 * @memo:	the memo; others may use it between two calls
 * @reader:	how far it was read
 * @copy:	result, TWS_MEMO_FEW items at most
 *
 * What was added since the reading began is left out. So no key comes twice that was
 * forgotten and added again meanwhile.
 *
 * Return: how many items, 0 once all were read.
 */
unsigned int tws_memo_copy(struct tws_memo *memo, struct tws_memo_reader *reader, void *copy)
{
	const struct tws_memo_item *item;
	unsigned int nr = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&memo->lock, flags);
	for (; reader->next < memo->nr && nr < TWS_MEMO_FEW; reader->next++) {
		item = tws_memo_at(memo, reader->next);
		if (item->born <= reader->born)
			memcpy(copy + nr++ * memo->item_size, item, memo->item_size);
	}
	raw_spin_unlock_irqrestore(&memo->lock, flags);
	return nr;
}

static void tws_memo_drop(struct tws_memo *memo, struct tws_reserve *reserve)
{
	void *chunks[TWS_MEMO_CHUNKS];
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&memo->lock, flags);
	memcpy(chunks, memo->chunks, sizeof(chunks));
	memo->reserve = reserve;
	tws_memo_clear(memo);
	raw_spin_unlock_irqrestore(&memo->lock, flags);
	for (i = 0; i < TWS_MEMO_CHUNKS; i++)
		tws_chunk_free(chunks[i]);
}

/**
 * tws_memo_reset() - forget all items, and free their memory
 * @memo:	the memo
 *
 * Context: process context.
 */
void tws_memo_reset(struct tws_memo *memo)
{
	tws_memo_drop(memo, memo->reserve);
}

/**
 * tws_memo_end() - forget all items, and take no more memory, whoever may still add some
 * @memo:	the memo
 *
 * Context: process context.
 */
void tws_memo_end(struct tws_memo *memo)
{
	tws_memo_drop(memo, NULL);
}
