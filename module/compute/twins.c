// SPDX-License-Identifier: GPL-2.0-only
/*
 * Twins are sockets with the same addresses and ports on different devices. They
 * are in one slot of the kernel's table, so they are in one batch. A batch of more
 * than a few sockets gets an index.
 */
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "gfp.h"
#include "stride.h"
#include "tuple.h"
#include "twins.h"

/* Batches with no more sockets are searched from end to end. */
#define TWS_TWINS_FEW	8u
#define TWS_NO_TWIN	U16_MAX

static u32 tws_twins_hash(const struct tws_twins *twins,
			  const struct tws_tuple *t, int dev)
{
	u32 hash = twins->seed;

	if (t->v4)
		hash = jhash_2words((__force u32)t->local4, (__force u32)t->remote4, hash);
	else
		hash = jhash2((const u32 *)&t->local6, 8, hash);
	return jhash_2words(t->ports, dev, hash) & twins->mask;
}

static bool tws_is_twin(const struct tws_tuple *a, const struct tws_tuple *b)
{
	if (a->ports != b->ports || a->v4 != b->v4)
		return false;
	if (a->v4)
		return a->pair == b->pair;
	return ipv6_addr_equal(&a->local6, &b->local6) &&
	       ipv6_addr_equal(&a->remote6, &b->remote6);
}

static bool tws_twins_alloc(struct tws_twins *twins)
{
	BUILD_BUG_ON(TWS_ENTRIES >= TWS_NO_TWIN);

	if (twins->heads)
		return true;
	twins->heads = kmalloc_array(2 * TWS_ENTRIES, sizeof(*twins->heads),
				     TWS_GFP);
	twins->next = twins->heads + TWS_ENTRIES;
	twins->seed = get_random_u32();
	return twins->heads;
}

/**
 * tws_twins_of() - begin with a batch
 * @twins:	zeroed at first; keeps its memory for the next batch
 * @batch:	the sockets, those of a slot in the order of their chain
 * @nr:		how many, at most TWS_ENTRIES
 *
 * Context: may sleep and allocate.
 * Return: false if there is no memory, or @nr is too high. Then no socket is found.
 */
bool tws_twins_of(struct tws_twins *twins, const struct tws_tuple *batch,
		  unsigned int nr)
{
	unsigned int i = nr;

	twins->batch = batch;
	twins->nr = 0;
	if (nr > TWS_ENTRIES || (nr > TWS_TWINS_FEW && !tws_twins_alloc(twins)))
		return false;
	twins->nr = nr;
	if (nr <= TWS_TWINS_FEW)
		return true;
	twins->mask = min_t(u32, roundup_pow_of_two(nr), TWS_ENTRIES) - 1;
	memset(twins->heads, 0xff, (twins->mask + 1) * sizeof(*twins->heads));
	/* From the end on, so that the first of a chain is found first. */
	while (i--) {
		u16 *head = &twins->heads[tws_twins_hash(twins, &batch[i],
							 batch[i].dev)];

		twins->next[i] = *head;
		*head = i;
	}
	return true;
}

static bool tws_twins_match(struct tws_twins *twins, unsigned int i,
			    const struct tws_tuple *like, int dev)
{
	twins->compared++;
	return twins->batch[i].dev == dev && tws_is_twin(&twins->batch[i], like);
}

/**
 * tws_twins_find() - find the first such socket of a batch
 * @twins:	the batch
 * @like:	has its addresses and ports
 * @dev:	ifindex of its device, 0 for none
 *
 * Return: its index in the batch, or -1.
 */
int tws_twins_find(struct tws_twins *twins, const struct tws_tuple *like,
		   int dev)
{
	unsigned int i;

	if (twins->nr <= TWS_TWINS_FEW) {
		for (i = 0; i < twins->nr; i++)
			if (tws_twins_match(twins, i, like, dev))
				return i;
		return -1;
	}
	for (i = twins->heads[tws_twins_hash(twins, like, dev)];
	     i != TWS_NO_TWIN; i = twins->next[i])
		if (tws_twins_match(twins, i, like, dev))
			return i;
	return -1;
}

/**
 * tws_twins_free() - free what it holds
 * @twins:	the index
 */
void tws_twins_free(struct tws_twins *twins)
{
	kfree(twins->heads);
	memset(twins, 0, sizeof(*twins));
}
