/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_HASHINFO_H
#define TWS_COMPAT_HASHINFO_H

#include <linux/version.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>

/*
 * Until 6.0 a request socket is deleted before its socket is added, so for a
 * moment a chain with one connection is empty.
 */
#define TWS_COMPAT_DELETES_FIRST (LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0))

/* What a namespace knows of its timewait sockets; see features.mk. */
static inline const struct inet_timewait_death_row *
tws_compat_death_row(const struct net *net)
{
#ifdef TWS_DEATH_ROW_IS_POINTER
	return net->ipv4.tcp_death_row;
#else
	return &net->ipv4.tcp_death_row;
#endif
}

/* Its hash tables, its own or those that all share. */
static inline struct inet_hashinfo *tws_compat_hashinfo(const struct net *net)
{
	return tws_compat_death_row(net)->hashinfo;
}

#endif /* TWS_COMPAT_HASHINFO_H */
