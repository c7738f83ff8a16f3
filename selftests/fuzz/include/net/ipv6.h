/* SPDX-License-Identifier: GPL-2.0-only */
/* net/ipv6.h, as far as the rules need it in user space. */
#ifndef FUZZ_IPV6_H
#define FUZZ_IPV6_H

#include <linux/in6.h>
#include <linux/string.h>
#include <linux/types.h>

static inline bool ipv6_addr_v4mapped(const struct in6_addr *addr)
{
	return IN6_IS_ADDR_V4MAPPED(addr);
}

static inline void ipv6_addr_set_v4mapped(__be32 v4, struct in6_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->s6_addr32[2] = htonl(0xffff);
	addr->s6_addr32[3] = v4;
}

/* The first bits of an address, the others zero. */
static inline void ipv6_addr_prefix(struct in6_addr *prefix,
				    const struct in6_addr *addr, int len)
{
	int i;

	for (i = 0; i < 16; i++, len -= 8)
		prefix->s6_addr[i] = len >= 8 ? addr->s6_addr[i] :
			len <= 0 ? 0 : addr->s6_addr[i] & (0xff00 >> len);
}

static inline bool ipv6_prefix_equal(const struct in6_addr *a,
				     const struct in6_addr *b, unsigned int len)
{
	struct in6_addr x, y;

	ipv6_addr_prefix(&x, a, len);
	ipv6_addr_prefix(&y, b, len);
	return !memcmp(&x, &y, sizeof(x));
}

#endif
