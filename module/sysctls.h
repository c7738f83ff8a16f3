/* SPDX-License-Identifier: GPL-2.0-only */
/* net.tw_summary.*: the sysctls of a namespace, and those that all namespaces share. */
#ifndef TWS_SYSCTLS_H
#define TWS_SYSCTLS_H

#include <linux/types.h>

struct net;
struct tws_net;

/* Shortest and longest interval of a monitor. */
#define TWS_MONITOR_MIN_MS	100u
#define TWS_MONITOR_MAX_MS	3600000u

u32 tws_max_rows(void);
u32 tws_cache_ms(void);
u32 tws_monitor_budget(void);
u32 tws_monitor_floor_ms(const struct net *net);

int tws_sysctls_add(struct tws_net *tn);
void tws_sysctls_remove(struct tws_net *tn);

#endif /* TWS_SYSCTLS_H */
