/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SETTINGS_H
#define TWS_SETTINGS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <net/net_namespace.h>

#include "compute/classify.h"

struct tws_clock;
struct tws_reuse_rule;
struct tws_scope;
struct tws_predict_settings;

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
void tws_predict_settings_read(const struct net *net, struct tws_predict_settings *settings);
void tws_reuse_rule_read(const struct net *net, struct tws_reuse_rule *rule);
void tws_reuse_clock_read(struct tws_clock *now);
u64 tws_timewait_dropped(const struct net *net);

/* Devices of a namespace. */
void tws_device_name(char *buf, struct net *net, int dev);
void tws_scope_of(struct tws_scope *scope, struct net *net, int dev);

/* Shortest and longest interval of a monitor. */
#define TWS_MONITOR_MIN_MS	100u
#define TWS_MONITOR_MAX_MS	3600000u

/**
 * struct tws_shared - the settings of net.tw_summary that all namespaces share
 * @max_rows:	rows that a snapshot may have
 * @cache_ms:	how old a snapshot may be that readers share, milliseconds
 * @monitor_floor_ms: shortest interval of a monitor, milliseconds; the initial
 *		namespace's is TWS_MONITOR_MIN_MS whatever this says
 * @monitor_budget: share of a processor that the monitors of all namespaces but
 *		the initial one have together, per cent
 *
 * Only the initial namespace may change them, by its sysctls: they limit what snapshots cost
 * the host. Read them by the functions below.
 */
struct tws_shared {
	u32 max_rows;
	u32 cache_ms;
	u32 monitor_floor_ms;
	u32 monitor_budget;
};

extern struct tws_shared tws_shared;

static inline u32 tws_max_rows(void)
{
	return READ_ONCE(tws_shared.max_rows);
}

static inline u32 tws_cache_ms(void)
{
	return READ_ONCE(tws_shared.cache_ms);
}

static inline u32 tws_monitor_budget(void)
{
	return READ_ONCE(tws_shared.monitor_budget);
}

static inline u32 tws_monitor_floor_ms(const struct net *net)
{
	return net_eq(net, &init_net) ? TWS_MONITOR_MIN_MS :
					READ_ONCE(tws_shared.monitor_floor_ms);
}

#endif /* TWS_SETTINGS_H */
