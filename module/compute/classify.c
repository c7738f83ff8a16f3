// SPDX-License-Identifier: GPL-2.0-only
/* Which row a socket belongs to. */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/string.h>

#include "classify.h"
#include "tuple.h"

/**
 * tws_range_size() - number of ports in a range
 * @range:	the range
 */
u32 tws_range_size(const struct tws_range *range)
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
u32 tws_range_tried(const struct tws_range *range)
{
	const u32 size = tws_range_size(range);

	return size > 1 ? size & ~1U : size;
}

/**
 * tws_in_range() - whether connect() may choose a port
 * @range:	the range
 * @port:	port, host order
 */
bool tws_in_range(const struct tws_range *range, u16 port)
{
	return port >= range->low && port <= range->high;
}

/**
 * tws_classify() - find the row of a socket
 * @key:	result
 * @t:		the socket
 * @range:	local port range of its namespace
 * @listening:	bitmap of the ports that its namespace listens on
 *
 * A request socket belongs to a listener, also if that has just been closed.
 */
void tws_classify(struct tws_key *key, const struct tws_tuple *t,
		  const struct tws_range *range,
		  const unsigned long *listening)
{
	BUILD_BUG_ON(sizeof(*key) != 2 * sizeof(struct in6_addr) + 12);

	memset(key, 0, sizeof(*key));
	key->local = t->local;
	key->dev = t->dev;
	if (t->kind == TWS_KIND_REQUEST || test_bit(t->lport, listening))
		key->dir = TWS_IN;
	else if (tws_in_range(range, t->lport))
		key->dir = TWS_OUT;
	else
		key->dir = TWS_BOUND;

	if (key->dir == TWS_OUT) {
		key->remote = t->remote;
		key->rport = t->rport;
	} else {
		key->lport = t->lport;
	}
}
