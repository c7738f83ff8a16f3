/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_REUSE_H
#define TWS_COMPAT_REUSE_H

#include <linux/version.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "../reuse.h"

/*
 * "tcp: avoid reusing FIN_WAIT2 when trying to find port in connect() process"
 * came with 6.12 and with the stable releases of October 2024; connect() on
 * Debian's 5.10.262 was seen to follow it.
 */
#define TWS_SINCE(next, major, minor, sublevel)			\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, sublevel) &&	\
	 LINUX_VERSION_CODE < KERNEL_VERSION(major, next, 0))
#define TWS_FIN_WAIT2_IS_SAFE						\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) ||		\
	 TWS_SINCE(12, 6, 11, 3) || TWS_SINCE(11, 6, 10, 14) ||		\
	 TWS_SINCE(7, 6, 6, 55) || TWS_SINCE(2, 6, 1, 113) ||		\
	 TWS_SINCE(16, 5, 15, 168) || TWS_SINCE(11, 5, 10, 227))

/* Which of the rules that reuse.c knows this kernel has. */
static inline void tws_compat_reuse_rule(const struct net *net,
					 struct tws_reuse_rule *rule)
{
	rule->mode = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse);
#ifdef TWS_HAS_ENTRY_STAMP
	rule->by_entry = true;
	rule->delay_ms = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse_delay);
#else
	rule->by_entry = false;
	rule->delay_ms = 0;
#endif
	rule->fin_wait2 = !TWS_FIN_WAIT2_IS_SAFE;
}

/* The time as tcp_twsk_unique() compares it. */
static inline void tws_compat_clock(struct tws_clock *now)
{
	now->seconds = ktime_get_seconds();
	now->ms = div_u64(tcp_clock_ns(), NSEC_PER_MSEC);
}

#endif /* TWS_COMPAT_REUSE_H */
