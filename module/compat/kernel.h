/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_KERNEL_H
#define TWS_COMPAT_KERNEL_H

#include <linux/compiler.h>
#include <linux/version.h>
#include <net/net_namespace.h>

/* This kernel, for compute/reuse.c. */
#define TWS_COMPAT_KERNEL	LINUX_VERSION_CODE

/*
 * A variable that the compiler does not set to zero first (CONFIG_INIT_STACK_ALL_ZERO, since
 * 5.15). Older kernels have no word for it (compiler_attributes.h).
 */
#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized		__attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

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

#endif /* TWS_COMPAT_KERNEL_H */
