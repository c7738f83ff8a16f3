/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CLASSIFY_H
#define TWS_CLASSIFY_H

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/in6.h>
#include <linux/types.h>
#include <net/ipv6.h>

#include "tuple.h"

/* Number of ports: the size of the bitmaps of ports, in bits. */
#define TWS_PORTS	65536

/* The kinds of row, in the order in which they are shown. */
enum tws_dir {
	TWS_OUT,	/* connections that use up ephemeral ports */
	TWS_IN,		/* connections to a port that is listened on */
	TWS_BOUND,	/* the others: no listener, port outside the range */
	TWS_NR_DIRS,
};

/**
 * struct tws_range - net.ipv4.ip_local_port_range
 * @low:	first port
 * @high:	last port, at least @low
 */
struct tws_range {
	u16 low;
	u16 high;
};

/**
 * struct tws_key - what the sockets of one row have in common
 * @local:	local address, IPv4 as IPv4-mapped
 * @remote:	out: remote address; else ::
 * @dev:	ifindex of the bound device, 0 for none
 * @dir:	enum tws_dir
 * @lport:	in, bound: local port; else 0
 * @rport:	out: remote port; else 0
 *
 * No padding: keys are hashed as memory.
 */
struct tws_key {
	struct in6_addr local;
	struct in6_addr remote;
	int dev;
	u32 dir;
	u16 lport;
	u16 rport;
};

static inline bool tws_key_equal(const struct tws_key *a,
				 const struct tws_key *b)
{
	return ipv6_addr_equal(&a->remote, &b->remote) &&
	       ipv6_addr_equal(&a->local, &b->local) && a->dev == b->dev &&
	       a->dir == b->dir && a->lport == b->lport && a->rport == b->rport;
}

/**
 * tws_range_size() - number of ports in a range
 * @range:	the range
 */
static inline u32 tws_range_size(const struct tws_range *range)
{
	return (u32)range->high - range->low + 1;
}

/**
 * tws_range_tried() - how many ports of a range one connect() tries
 * @range:	the range
 *
 * inet_hashtables.c:__inet_hash_connect() goes through the range in steps of
 * two, twice, and rounds the size of a range of more than one port down to an
 * even number.
 */
static inline u32 tws_range_tried(const struct tws_range *range)
{
	const u32 size = tws_range_size(range);

	return size > 1 ? size & ~1U : size;
}

/**
 * tws_in_range() - whether connect() may choose a port
 * @range:	the range
 * @port:	port, host order
 */
static inline bool tws_in_range(const struct tws_range *range, u16 port)
{
	return port >= range->low && port <= range->high;
}

/**
 * struct tws_port_sets - what is known of the ports of a VRF, or of those outside of all
 * @usable:	bitmap of the ports that connect() may use, NULL if that is not known
 * @listening:	bitmap of the ports that somebody listens on, NULL if nobody does
 */
struct tws_port_sets {
	const unsigned long *usable;
	const unsigned long *listening;
};

/**
 * tws_dir_of() - what kind of row a socket has
 * @t:		the socket
 * @range:	local port range of its namespace
 * @sets:	ports of its VRF
 *
 * A request socket belongs to a listener, also if that has just been closed. On a port
 * that connect() may use nobody listens, for a listener makes its bucket one that is
 * skipped (inet_connection_sock.c:inet_csk_update_fastreuse()). If a bit says otherwise,
 * the listener has come since the ports were read, and the socket is what it was then:
 * one that blocks a port.
 */
static inline enum tws_dir tws_dir_of(const struct tws_tuple *t,
				      const struct tws_range *range,
				      const struct tws_port_sets *sets)
{
	if (t->kind == TWS_KIND_REQUEST)
		return TWS_IN;
	if (sets->usable && test_bit(t->lport, sets->usable))
		return TWS_OUT;
	if (sets->listening && test_bit(t->lport, sets->listening))
		return TWS_IN;
	return tws_in_range(range, t->lport) ? TWS_OUT : TWS_BOUND;
}

/**
 * tws_classify() - find the row of a socket
 * @key:	result
 * @t:		the socket
 * @range:	local port range of its namespace
 * @sets:	ports of its VRF
 */
static inline void tws_classify(struct tws_key *key, const struct tws_tuple *t,
				const struct tws_range *range,
				const struct tws_port_sets *sets)
{
	BUILD_BUG_ON(sizeof(*key) != 2 * sizeof(struct in6_addr) + 12);

	tws_tuple_addresses(t, &key->local, &key->remote);
	key->dev = t->dev;
	key->dir = tws_dir_of(t, range, sets);
	if (key->dir == TWS_OUT) {
		key->lport = 0;
		key->rport = ntohs(t->dport);
	} else {
		ipv6_addr_set(&key->remote, 0, 0, 0, 0);
		key->lport = t->lport;
		key->rport = 0;
	}
}

#endif /* TWS_CLASSIFY_H */
