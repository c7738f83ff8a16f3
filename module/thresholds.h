/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_THRESHOLDS_H
#define TWS_THRESHOLDS_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "compute/level.h"
#include "compute/rules.h"

/**
 * struct tws_shared_rules - rules that do not change while they have readers
 * @refs:	the namespace's reference, and one of each reader
 * @rules:	the rules
 */
struct tws_shared_rules {
	refcount_t refs;
	struct tws_rules rules;
};

/**
 * struct tws_net_thresholds - the thresholds of a namespace
 * @write:	serialises writers of the rules
 * @lock:	guards what follows, for a few instructions at a time
 * @th:		net.tw_summary.warn_percent, crit_percent
 * @hysteresis:	net.tw_summary.hysteresis_percent
 * @rules:	/proc/net/tw_thresholds; NULL while there are none
 */
struct tws_net_thresholds {
	struct mutex write;	/* serialises writers of the rules */
	spinlock_t lock;	/* guards all that follows */
	struct tws_thresholds th;
	u32 hysteresis;
	struct tws_shared_rules *rules;
};

/**
 * struct tws_thresholds_view - the thresholds of a namespace at one time
 * @th:		those of destinations without a rule
 * @rules:	the rules; NULL if there are none
 */
struct tws_thresholds_view {
	struct tws_thresholds th;
	struct tws_shared_rules *rules;
};

void tws_net_thresholds_init(struct tws_net_thresholds *thresholds);
void tws_net_thresholds_free(struct tws_net_thresholds *thresholds);
int tws_net_thresholds_set(struct tws_net_thresholds *thresholds, u32 *setting,
			   u32 value);
void tws_net_thresholds_replace(struct tws_net_thresholds *thresholds,
				struct tws_shared_rules *rules);
void tws_thresholds_view_get(struct tws_thresholds_view *view,
			     struct tws_net_thresholds *thresholds);
void tws_thresholds_view_put(struct tws_thresholds_view *view);
const struct tws_thresholds *
tws_thresholds_for(const struct tws_thresholds_view *view,
		   const struct in6_addr *addr, u16 port);
struct tws_thresholds
tws_thresholds_strictest(const struct tws_thresholds_view *view);

#endif /* TWS_THRESHOLDS_H */
