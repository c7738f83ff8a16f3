/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_REUSE_H
#define TWS_COMPAT_REUSE_H

#include <linux/version.h>
#include <net/net_namespace.h>

/*
 * "tcp: avoid reusing FIN_WAIT2 when trying to find port in connect() process"
 * came with 6.12 and with the stable releases of October 2024; connect() on
 * Debian's 5.10.262 was seen to behave so.
 */
#define TWS_SINCE(next, major, minor, sublevel)			\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, sublevel) &&	\
	 LINUX_VERSION_CODE < KERNEL_VERSION(major, next, 0))
#define TWS_FIN_WAIT2_IS_SAFE						\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) ||		\
	 TWS_SINCE(12, 6, 11, 3) || TWS_SINCE(11, 6, 10, 14) ||		\
	 TWS_SINCE(7, 6, 6, 55) || TWS_SINCE(2, 6, 1, 113) ||		\
	 TWS_SINCE(16, 5, 15, 168) || TWS_SINCE(11, 5, 10, 227))

/* Whether connect() may take over a timewait socket in substate FIN_WAIT2. */
#define TWS_COMPAT_REUSE_FIN_WAIT2	(!TWS_FIN_WAIT2_IS_SAFE)

/*
 * Since 6.14 the age of a timewait socket is counted from its entry, and
 * net.ipv4.tcp_tw_reuse_delay says how old it has to be.
 */
#ifdef TWS_HAS_ENTRY_STAMP
#define TWS_COMPAT_REUSE_BY_ENTRY	true
#else
#define TWS_COMPAT_REUSE_BY_ENTRY	false
#endif

static inline u32 tws_compat_reuse_delay_ms(const struct net *net)
{
#ifdef TWS_HAS_ENTRY_STAMP
	return READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse_delay);
#else
	return 0;
#endif
}

#endif /* TWS_COMPAT_REUSE_H */
