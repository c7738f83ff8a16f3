/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_MEMO_H
#define TWS_MEMO_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "reserve.h"

/* Most items that a memo may have. */
#define TWS_MEMO_ITEMS	512
/* Those that need no chunk. Items are read as many at a time, too. */
#define TWS_MEMO_FEW	8
/* Chains of items. */
#define TWS_MEMO_HEADS	64
/* Most chunks, and so many hold the items of this size. */
#define TWS_MEMO_CHUNKS	22
#define TWS_MEMO_CHUNKS_FOR(items, size) \
	DIV_ROUND_UP((items) - TWS_MEMO_FEW, TWS_CHUNK_BYTES / (size))

/**
 * struct tws_memo_item - the beginning of each item; its key follows
 * @chain:	in the chain of its hash
 * @age:	in @fleeting or @lasting of the memo
 * @born:	its number among all items that were added
 */
struct tws_memo_item {
	struct hlist_node chain;
	struct list_head age;
	u64 born;
};

/**
 * struct tws_memo - items by key, in bounded memory
 * @lock:	guards all that follows, and the items
 * @seed:	seed of the hash
 * @item_size:	in bytes, with struct tws_memo_item
 * @key_size:	in bytes, without padding: keys are compared as memory
 * @most:	items, at most
 * @nr:		items that there are
 * @room:	items that there is memory for
 * @born:	items that were added so far
 * @few:	the first TWS_MEMO_FEW items
 * @chunks:	the others
 * @reserve:	where chunks come from; NULL once the memo has ended
 * @heads:	the chains
 * @fleeting:	items that make room for others first, the last used first
 * @lasting:	items that make room when there are no others, the last used first
 */
struct tws_memo {
	raw_spinlock_t lock;	/* guards all that follows, and the items */
	u32 seed;
	u16 item_size;
	u16 key_size;
	u16 most;
	u16 nr;
	u16 room;
	u64 born;
	void *few;
	void *chunks[TWS_MEMO_CHUNKS];
	struct tws_reserve *reserve;
	struct hlist_head heads[TWS_MEMO_HEADS];
	struct list_head fleeting;
	struct list_head lasting;
};

/**
 * struct tws_memo_reader - how far a memo was read
 * @next:	number of the item that is next
 * @born:	items that were added before the reading began
 */
struct tws_memo_reader {
	unsigned int next;
	u64 born;
};

void tws_memo_init(struct tws_memo *memo, u32 seed, u16 most, void *few,
		   u16 item_size, u16 key_size, struct tws_reserve *reserve);
void *tws_memo_find(struct tws_memo *memo, const void *key);
void *tws_memo_find_or_add(struct tws_memo *memo, const void *key, bool *forgot);
void tws_memo_use(struct tws_memo *memo, void *item, bool lasting);
void tws_memo_read(struct tws_memo *memo, struct tws_memo_reader *reader);
unsigned int tws_memo_copy(struct tws_memo *memo, struct tws_memo_reader *reader, void *copy);
void tws_memo_reset(struct tws_memo *memo);
void tws_memo_end(struct tws_memo *memo);

#endif /* TWS_MEMO_H */
