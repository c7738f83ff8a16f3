/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_ADDRESSES_H
#define TWS_ADDRESSES_H

#include <net/ipv6.h>
#include <net/sock.h>

#include "compute/classify.h"

/**
 * tws_has_ipv6() - whether the addresses of a socket of any kind are IPv6 ones
 * @sk:		full, timewait or request socket
 *
 * A mapped socket has its IPv4 addresses in both fields. In a PF_INET timewait
 * socket the IPv6 fields are not set. In a native IPv6 socket the IPv4 fields
 * have no meaning.
 */
static inline bool tws_has_ipv6(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	return sk->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&sk->sk_v6_daddr);
#else
	return false;
#endif
}

/**
 * tws_addresses() - read the addresses of a socket of any kind
 * @sk:		full, timewait or request socket
 * @local:	result
 * @remote:	result; IPv4 and IPv4-mapped addresses become ::ffff:a.b.c.d
 */
static inline void tws_addresses(const struct sock *sk, struct in6_addr *local,
				 struct in6_addr *remote)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (tws_has_ipv6(sk)) {
		*local = sk->sk_v6_rcv_saddr;
		*remote = sk->sk_v6_daddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, local);
	ipv6_addr_set_v4mapped(sk->sk_daddr, remote);
}

#endif /* TWS_ADDRESSES_H */
