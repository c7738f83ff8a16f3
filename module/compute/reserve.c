// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is ready for who cannot allocate. It is taken in any context, and brought
 * where one may sleep.
 */
#include <linux/atomic.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gfp.h"
#include "reserve.h"

/* Chunks that there are, in a reserve or taken from one. */
static atomic_t tws_chunks;

static void *tws_chunk_alloc(void)
{
	/* Not accounted: whoever happens to fill the reserve does not use it. */
	void *chunk = kmalloc(TWS_CHUNK_BYTES, TWS_GFP & ~__GFP_ACCOUNT);

	if (chunk)
		atomic_inc(&tws_chunks);
	return chunk;
}

/**
 * tws_chunk_free() - free a chunk that was taken
 * @chunk:	the chunk, or NULL
 *
 * Context: process context.
 */
void tws_chunk_free(void *chunk)
{
	if (!chunk)
		return;
	kfree(chunk);
	atomic_dec(&tws_chunks);
}

/**
 * tws_chunk_bytes() - memory of all chunks that there are
 */
u64 tws_chunk_bytes(void)
{
	return (u64)atomic_read(&tws_chunks) * TWS_CHUNK_BYTES;
}

/**
 * tws_reserve_init() - begin with an empty reserve
 * @reserve:	the reserve
 * @wanted:	see struct tws_reserve
 */
void tws_reserve_init(struct tws_reserve *reserve,
		      void (*wanted)(struct tws_reserve *reserve))
{
	memset(reserve, 0, sizeof(*reserve));
	raw_spin_lock_init(&reserve->lock);
	reserve->wanted = wanted;
}

/**
 * tws_reserve_take() - take a chunk
 * @reserve:	the reserve
 *
 * Context: any but NMI.
 * Return: the chunk, whatever is in it, for tws_chunk_free(); NULL if there is none.
 */
void *tws_reserve_take(struct tws_reserve *reserve)
{
	void *chunk = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&reserve->lock, flags);
	if (reserve->nr)
		chunk = reserve->chunks[--reserve->nr];
	raw_spin_unlock_irqrestore(&reserve->lock, flags);
	reserve->wanted(reserve);
	return chunk;
}

/* False if there is no room. */
static bool tws_reserve_give(struct tws_reserve *reserve, void *chunk)
{
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&reserve->lock, flags);
	room = reserve->nr < TWS_RESERVE_CHUNKS;
	if (room)
		reserve->chunks[reserve->nr++] = chunk;
	raw_spin_unlock_irqrestore(&reserve->lock, flags);
	return room;
}

/**
 * tws_reserve_fill() - bring what is missing
 * @reserve:	the reserve; others may take from it meanwhile
 *
 * Context: process context, may sleep and allocate; one at a time.
 * Return: false if memory is short; then there is less.
 */
bool tws_reserve_fill(struct tws_reserve *reserve)
{
	unsigned int missing = TWS_RESERVE_CHUNKS - READ_ONCE(reserve->nr);
	void *chunk;

	while (missing--) {
		chunk = tws_chunk_alloc();
		if (!chunk)
			return false;
		if (!tws_reserve_give(reserve, chunk))
			tws_chunk_free(chunk);
	}
	return true;
}

/**
 * tws_reserve_drain() - free all that is there
 * @reserve:	the reserve; nobody takes from it or fills it any more
 *
 * Context: process context.
 */
void tws_reserve_drain(struct tws_reserve *reserve)
{
	while (reserve->nr)
		tws_chunk_free(reserve->chunks[--reserve->nr]);
}

/**
 * tws_reserve_bytes() - memory that a reserve has ready
 * @reserve:	the reserve
 */
u64 tws_reserve_bytes(const struct tws_reserve *reserve)
{
	return (u64)READ_ONCE(reserve->nr) * TWS_CHUNK_BYTES;
}
