/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_REUSE_H
#define TWS_COMPAT_REUSE_H

#include <linux/version.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "../reuse.h"

/* Which of the rules that reuse.c knows this kernel has. */
static inline void tws_compat_reuse_rule(const struct net *net,
					 struct tws_reuse_rule *rule)
{
	rule->mode = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	rule->by_entry = true;
	rule->delay_ms = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse_delay);
#else
	rule->by_entry = false;
	rule->delay_ms = 0;
#endif
	/* 5.10 never got "avoid reusing FIN_WAIT2 when trying to find port". */
	rule->fin_wait2 = LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0);
}

static inline void tws_compat_clock(struct tws_clock *now)
{
	now->seconds = ktime_get_seconds();
	now->ms = div_u64(tcp_clock_ns(), NSEC_PER_MSEC);
}

#endif /* TWS_COMPAT_REUSE_H */
