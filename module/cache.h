/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CACHE_H
#define TWS_CACHE_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct tws_net;
struct tws_snapshot;

/**
 * struct tws_cache - the newest snapshot of a namespace
 * @lock:	guards all but @news, for a few instructions at a time
 * @latest:	the newest snapshot, NULL if there is none
 * @claims:	how many readers have taken one for themselves and for those that wait
 * @claim:	the number of the last one of these that has not ended, 0 for none
 * @claimed_at:	when it began, in jiffies
 * @news:	readers that wait for a snapshot
 */
struct tws_cache {
	spinlock_t lock;	/* guards all but @news */
	struct tws_snapshot *latest;
	u32 claims;
	u32 claim;
	unsigned long claimed_at;
	wait_queue_head_t news;
};

void tws_cache_init(struct tws_cache *cache);
struct tws_snapshot *tws_cache_get(struct tws_net *tn);
struct tws_snapshot *tws_cache_renew(struct tws_net *tn, const bool *stop);
void tws_cache_drop(struct tws_cache *cache);

#endif /* TWS_CACHE_H */
