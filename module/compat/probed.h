/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that probe.c probes. Their handlers take arguments out of registers by
 * number, which no compiler checks. So their prototypes are compared with those that are
 * known: with another one nothing is probed.
 */
#ifndef TWS_COMPAT_PROBED_H
#define TWS_COMPAT_PROBED_H

#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>

/* The arguments that the handlers take, from 0. */
#define TWS_COMPAT_CONNECT_SOCK	1
#define TWS_COMPAT_BIND_SOCK	0
#define TWS_COMPAT_BIND_PORT	1

#define TWS_COMPAT_IS(function, type)	\
	__builtin_types_compatible_p(typeof(function), type)

/* Until 5.17, and the stable releases before May 2022. */
typedef int tws_compat_connect_5_10(struct inet_timewait_death_row *, struct sock *, u32,
				    int (*)(struct inet_timewait_death_row *,
					    struct sock *, __u16,
					    struct inet_timewait_sock **));
/* "secure_seq: use the 64 bits of the siphash for port offset calculation" */
typedef int tws_compat_connect_5_18(struct inet_timewait_death_row *, struct sock *, u64,
				    int (*)(struct inet_timewait_death_row *,
					    struct sock *, __u16,
					    struct inet_timewait_sock **));
/* 6.15: "inet: call inet6_ehashfn() once from inet6_hash_connect()" and its neighbours */
typedef int tws_compat_connect_6_15(struct inet_timewait_death_row *, struct sock *, u64,
				    u32,
				    int (*)(struct inet_timewait_death_row *,
					    struct sock *, __u16,
					    struct inet_timewait_sock **, bool, u32));

typedef int tws_compat_bind_5_10(struct sock *, unsigned short);

/* Whether both are as their handlers take them to be. */
#ifdef TWS_HAS_PROBED
#define TWS_COMPAT_PROBED_KNOWN						\
	((TWS_COMPAT_IS(__inet_hash_connect, tws_compat_connect_5_10) ||	\
	  TWS_COMPAT_IS(__inet_hash_connect, tws_compat_connect_5_18) ||	\
	  TWS_COMPAT_IS(__inet_hash_connect, tws_compat_connect_6_15)) &&	\
	 TWS_COMPAT_IS(inet_csk_get_port, tws_compat_bind_5_10))
#else
#define TWS_COMPAT_PROBED_KNOWN	false
#endif

#endif /* TWS_COMPAT_PROBED_H */
