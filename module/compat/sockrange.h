/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_SOCKRANGE_H
#define TWS_COMPAT_SOCKRANGE_H

#include <linux/build_bug.h>
#include <linux/string.h>
#include <net/inet_sock.h>

/*
 * Whether a socket has a port range of its own (IP_LOCAL_PORT_RANGE, 6.3). At first it
 * was a structure of two numbers, later one number.
 */
static inline bool tws_compat_own_range(const struct sock *sk)
{
#ifdef TWS_HAS_SOCKET_RANGE
	u32 range;

	BUILD_BUG_ON(sizeof(inet_sk(sk)->local_port_range) != sizeof(range));
	memcpy(&range, &inet_sk(sk)->local_port_range, sizeof(range));
	return range;
#else
	return false;
#endif
}

#endif /* TWS_COMPAT_SOCKRANGE_H */
