/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The settings of net.tw_summary that all namespaces share and that only the
 * initial one may change: they limit what snapshots cost the host.
 */
#ifndef TWS_SHARED_H
#define TWS_SHARED_H

#include <linux/types.h>

struct net;

/* Shortest and longest interval of a monitor. */
#define TWS_MONITOR_MIN_MS	100u
#define TWS_MONITOR_MAX_MS	3600000u

/**
 * struct tws_shared - the values behind the sysctls, written by these only
 * @max_rows:	rows that a snapshot may have
 * @cache_ms:	how old a snapshot may be that readers share, milliseconds
 * @monitor_floor_ms: shortest interval of a monitor, milliseconds; the initial
 *		namespace's is TWS_MONITOR_MIN_MS whatever this says
 * @monitor_budget: share of a processor that the monitors of all namespaces but
 *		the initial one have together, per cent
 */
struct tws_shared {
	u32 max_rows;
	u32 cache_ms;
	u32 monitor_floor_ms;
	u32 monitor_budget;
};

extern struct tws_shared tws_shared;

u32 tws_max_rows(void);
u32 tws_cache_ms(void);
u32 tws_monitor_budget(void);
u32 tws_monitor_floor_ms(const struct net *net);

#endif /* TWS_SHARED_H */
