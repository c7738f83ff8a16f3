/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CACHE_H
#define TWS_CACHE_H

#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct tws_cached - what readers share begins with this
 * @refs:	the references: one of the cache, and one of each reader
 * @taken:	when it was complete
 * @free:	frees it, once the last reference is dropped
 */
struct tws_cached {
	refcount_t refs;
	ktime_t taken;
	void (*free)(struct tws_cached *cached);
};

/**
 * struct tws_cache - the newest one of what the readers of a namespace share
 * @lock:	guards all but @news, for a few instructions at a time
 * @latest:	the newest one, NULL if there is none
 * @claims:	how many snapshots or sources were begun for the readers that wait: these are
 *		counted, and the count numbers them
 * @claim:	the number of the newest of these that is still being taken, 0 for none
 * @claimed_at:	when it began, in jiffies
 * @news:	readers that wait
 */
struct tws_cache {
	spinlock_t lock;	/* guards all but @news */
	struct tws_cached *latest;
	u32 claims;
	u32 claim;
	unsigned long claimed_at;
	wait_queue_head_t news;
};

void tws_cached_init(struct tws_cached *cached, void (*free)(struct tws_cached *cached));
void tws_cached_put(struct tws_cached *cached);
void tws_cache_init(struct tws_cache *cache);
void tws_cache_end(struct tws_cache *cache);
struct tws_cached *tws_cache_young(struct tws_cache *cache);
void tws_cache_keep(struct tws_cache *cache, struct tws_cached *cached);
struct tws_cached *tws_cache_get(struct tws_cache *cache,
				 struct tws_cached *(*take)(void *ctx), void *ctx);

#endif /* TWS_CACHE_H */
