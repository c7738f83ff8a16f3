/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_SYSCTL_H
#define TWS_COMPAT_SYSCTL_H

#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/net_namespace.h>

/* What a handler is given is constant since 6.11. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
typedef const struct ctl_table tws_ctl_table;
#else
typedef struct ctl_table tws_ctl_table;
#endif

/*
 * Tables end with an empty entry until 6.10 and must not have one since. So
 * every table here has one more entry than @nr, an empty one.
 */
static inline struct ctl_table_header *
tws_compat_register_net_sysctl(struct net *net, const char *path,
			       struct ctl_table *table, size_t nr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return register_net_sysctl_sz(net, path, table, nr);
#else
	return register_net_sysctl(net, path, table);
#endif
}

#endif /* TWS_COMPAT_SYSCTL_H */
