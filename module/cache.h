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
 * @lock:	guards @latest and @busy, for a few instructions at a time
 * @latest:	the newest snapshot, NULL if there is none
 * @busy:	a reader is taking one for itself and for those that wait
 * @idle:	readers that wait for it
 */
struct tws_cache {
	spinlock_t lock;	/* guards @latest and @busy */
	struct tws_snapshot *latest;
	bool busy;
	wait_queue_head_t idle;
};

void tws_cache_init(struct tws_cache *cache);
struct tws_snapshot *tws_cache_get(struct tws_net *tn);
struct tws_snapshot *tws_cache_renew(struct tws_net *tn, const bool *stop);
void tws_cache_drop(struct tws_cache *cache);

#endif /* TWS_CACHE_H */
