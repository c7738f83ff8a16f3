/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SYSCTL_H
#define TWS_SYSCTL_H

#include <linux/types.h>

struct net;
struct tws_net;

u32 tws_max_rows(void);
u32 tws_cache_ms(void);
u32 tws_monitor_floor_ms(const struct net *net);
int tws_sysctl_add(struct tws_net *tn);
void tws_sysctl_remove(struct tws_net *tn);

#endif /* TWS_SYSCTL_H */
