/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_HASHINFO_H
#define TWS_COMPAT_HASHINFO_H

#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>

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
