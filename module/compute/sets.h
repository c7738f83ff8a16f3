/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SETS_H
#define TWS_SETS_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* A table begins with one set of items, and may become TWS_SETS of them. */
#define TWS_SET_WAYS	8
#define TWS_SETS	64
/* Most items. */
#define TWS_SETS_ITEMS	(TWS_SET_WAYS * TWS_SETS)

/**
 * struct tws_item - the beginning of each item; its key follows
 * @rank:	0 if the item is free; else the item of lowest rank makes room first
 */
struct tws_item {
	u64 rank;
};

/**
 * struct tws_sets - items by key, in bounded memory
 * @lock:	guards all that follows, and the items
 * @seed:	seed of the hash
 * @item_size:	in bytes, with struct tws_item
 * @key_size:	in bytes, without padding: keys are compared as memory
 * @few:	the first set, TWS_SET_WAYS items
 * @many:	the sets of a table that has grown; else NULL
 */
struct tws_sets {
	raw_spinlock_t lock;	/* guards all that follows, and the items */
	u32 seed;
	u16 item_size;
	u16 key_size;
	void *few;
	void **many;
};

/* What adding an item has led to. */
enum tws_sets_added {
	TWS_SETS_KEPT,
	TWS_SETS_CROWDED,	/* the table should grow */
	TWS_SETS_FORGOT,	/* another item was forgotten for it */
};

void tws_sets_init(struct tws_sets *sets, u32 seed, void *few, u16 item_size,
		   u16 key_size);
void *tws_sets_find(struct tws_sets *sets, const void *key);
void *tws_sets_find_or_add(struct tws_sets *sets, const void *key,
			   enum tws_sets_added *added);
bool tws_sets_copy(struct tws_sets *sets, unsigned int i, void *copy);
bool tws_sets_grow(struct tws_sets *sets);
void tws_sets_reset(struct tws_sets *sets);
u64 tws_sets_bytes(void);

#endif /* TWS_SETS_H */
