/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CACHE_H
#define TWS_CACHE_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "claim.h"

struct tws_net;
struct tws_snapshot;

/**
 * struct tws_cache - the newest snapshot of a namespace
 * @lock:	guards @latest, for a few instructions at a time
 * @latest:	the newest snapshot, NULL if there is none
 * @claims:	who takes the next one
 */
struct tws_cache {
	spinlock_t lock;	/* guards @latest */
	struct tws_snapshot *latest;
	struct tws_claims claims;
};

void tws_cache_init(struct tws_cache *cache);
struct tws_snapshot *tws_cache_get(struct tws_net *tn);
struct tws_snapshot *tws_cache_renew(struct tws_net *tn, const bool *stop);
void tws_cache_drop(struct tws_cache *cache);

#endif /* TWS_CACHE_H */
