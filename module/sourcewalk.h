/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SOURCEWALK_H
#define TWS_SOURCEWALK_H

#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include "claim.h"
#include "compute/classify.h"
#include "compute/level.h"
#include "compute/sources.h"

struct tws_net;

/**
 * struct tws_sources - how many ports bind() finds, at one time
 * @taken:	when it was complete
 * @netns:	inode number of the namespace
 * @range:	net.ipv4.ip_local_port_range
 * @reserved:	tried ports that are reserved
 * @open:	the other tried ports
 * @autobind_reuse: net.ipv4.ip_autobind_reuse
 * @thresholds:	when to warn
 * @table:	the rows, sorted
 */
struct tws_sources {
	ktime_t taken;
	unsigned int netns;
	struct tws_range range;
	u32 reserved;
	u32 open;
	u8 autobind_reuse;
	struct tws_thresholds thresholds;
	struct tws_sources_table table;

	/* private: */
	refcount_t refs;
	size_t bytes;
};

/**
 * struct tws_sources_cache - the newest ones of a namespace
 * @lock:	guards @latest, for a few instructions at a time
 * @latest:	the newest ones, NULL if there are none
 * @claims:	who takes the next ones
 */
struct tws_sources_cache {
	spinlock_t lock;	/* guards @latest */
	struct tws_sources *latest;
	struct tws_claims claims;
};

void tws_sources_cache_init(struct tws_sources_cache *cache);
void tws_sources_cache_drop(struct tws_sources_cache *cache);
struct tws_sources *tws_sources_get(struct tws_net *tn);
void tws_sources_put(struct tws_sources *sources);

#endif /* TWS_SOURCEWALK_H */
