/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_THRESHOLDS_H
#define TWS_THRESHOLDS_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "level.h"
#include "rules.h"

/**
 * struct tws_limits - when to warn, in one namespace
 * @lock:	guards the rest
 * @th:		net.tw_summary.warn_percent, crit_percent
 * @hysteresis:	net.tw_summary.hysteresis_percent
 * @rules:	/proc/net/tw_thresholds; NULL while there are none
 */
struct tws_limits {
	struct mutex lock;	/* see above */
	struct tws_thresholds th;
	u32 hysteresis;
	struct tws_rules *rules;
};

void tws_limits_init(struct tws_limits *limits);
void tws_limits_free(struct tws_limits *limits);
const struct tws_thresholds *
tws_limits_for(const struct tws_limits *limits, const struct in6_addr *addr,
	       u16 port);

#endif /* TWS_THRESHOLDS_H */
