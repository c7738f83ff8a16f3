/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_THRESHOLDS_H
#define TWS_THRESHOLDS_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "compute/level.h"
#include "compute/rules.h"

/**
 * struct tws_net_thresholds - the thresholds of a namespace
 * @lock:	guards what follows
 * @th:		net.tw_summary.warn_percent, crit_percent
 * @hysteresis:	net.tw_summary.hysteresis_percent
 * @rules:	/proc/net/tw_thresholds; NULL while there are none
 */
struct tws_net_thresholds {
	struct mutex lock;	/* guards all that follows */
	struct tws_thresholds th;
	u32 hysteresis;
	struct tws_rules *rules;
};

void tws_net_thresholds_init(struct tws_net_thresholds *thresholds);
void tws_net_thresholds_free(struct tws_net_thresholds *thresholds);
const struct tws_thresholds *
tws_net_thresholds_for(const struct tws_net_thresholds *thresholds,
		       const struct in6_addr *addr, u16 port);

#endif /* TWS_THRESHOLDS_H */
