/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SETTINGS_H
#define TWS_SETTINGS_H

#include <linux/types.h>

#include "compute/classify.h"

struct net;
struct tws_clock;
struct tws_reuse_rule;
struct tws_terms;

/**
 * struct tws_settings - what the administrator of a namespace has set, on which kernel
 * @range:	net.ipv4.ip_local_port_range
 * @reuse_mode:	net.ipv4.tcp_tw_reuse
 * @timewait_max: net.ipv4.tcp_max_tw_buckets
 * @fin_s:	how long a timewait socket stays in FIN_WAIT2, in seconds, by
 *		net.ipv4.tcp_fin_timeout; at most TWS_FIN_MAX_S
 * @trust:	how well this kernel's rules are known, enum tws_trust
 */
struct tws_settings {
	struct tws_range range;
	u8 reuse_mode;
	int timewait_max;
	u32 fin_s;
	u8 trust;
};

void tws_settings_read(struct net *net, struct tws_settings *settings);
void tws_terms_read(const struct net *net, struct tws_terms *terms);
void tws_reuse_rule_read(const struct net *net, struct tws_reuse_rule *rule);
void tws_reuse_clock_read(struct tws_clock *now);
u64 tws_timewait_dropped(const struct net *net);

#endif /* TWS_SETTINGS_H */
