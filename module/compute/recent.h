/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows that were found lately, by the addresses and the port alone.
 *
 * Nearly all sockets are bound to no device, and have the destination of another socket that
 * was counted a moment ago. For these the whole key need not be made, hashed and compared. And
 * nearly all are in TIME_WAIT: these are counted here, two numbers each, and all that follows
 * from them is added to the row later.
 */
#ifndef TWS_RECENT_H
#define TWS_RECENT_H

#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/types.h>

#include "row.h"
#include "tuple.h"

#define TWS_RECENT_BITS	10
#define TWS_RECENT_ROWS	BIT(TWS_RECENT_BITS)

/**
 * struct tws_recent_row - an out row without a device
 * @pair:	see tws_recent_pair()
 * @row:	the row, NULL for none
 * @dport:	remote port, network order
 * @v4:		it is of IPv4
 * @reuse:	connect() takes over what tws_reusable() is true of
 * @timewait:	sockets in TIME_WAIT on usable ports that the row lacks yet
 * @reusable:	of these, those that tws_reusable() is true of
 */
struct tws_recent_row {
	u64 pair;
	struct tws_row *row;
	__be16 dport;
	bool v4;
	bool reuse;
	u32 timewait;
	u32 reusable;
};

/**
 * struct tws_recent - where each pair has one entry, which the last one takes
 * @rows:	the entries
 */
struct tws_recent {
	struct tws_recent_row rows[TWS_RECENT_ROWS];
};

void tws_recent_settle(struct tws_recent *recent);
void tws_recent_keep(struct tws_recent *recent, const struct tws_tuple *t,
		     struct tws_row *row, bool reuse);

/**
 * tws_recent_pair() - a number for both addresses
 * @t:		the socket
 *
 * Return: of IPv4 the addresses themselves; of IPv6 a hash: who has the same may be another
 * pair.
 */
static inline u64 tws_recent_pair(const struct tws_tuple *t)
{
	const u32 *local = (__force const u32 *)t->local6.s6_addr32;
	const u32 *remote = (__force const u32 *)t->remote6.s6_addr32;
	u64 sum;

	if (t->v4)
		return t->pair;
	sum = (u64)(local[0] ^ remote[3]) << 32 | (local[3] ^ remote[0]);
	return sum * GOLDEN_RATIO_64 + ((u64)(local[1] ^ remote[2]) << 32 |
					(local[2] ^ remote[1]));
}

/**
 * tws_recent_entry() - where the row of a socket would be
 * @recent:	the rows
 * @t:		the socket: without a device, of an out row
 * @pair:	its addresses, see tws_recent_pair()
 */
static inline struct tws_recent_row *tws_recent_entry(struct tws_recent *recent,
						      const struct tws_tuple *t, u64 pair)
{
	return &recent->rows[hash_64(pair + (__force u16)t->dport, TWS_RECENT_BITS)];
}

/**
 * tws_recent_row() - find the row of a socket
 * @entry:	the entry of the socket
 * @t:		the socket
 * @pair:	its addresses
 *
 * Return: the row, or NULL: it may have one that is not remembered.
 */
static inline struct tws_row *tws_recent_row(const struct tws_recent_row *entry,
					     const struct tws_tuple *t, u64 pair)
{
	struct tws_row *row = entry->row;

	if (entry->pair != pair || entry->dport != t->dport || entry->v4 != t->v4 || !row)
		return NULL;
	if (!t->v4 && !(ipv6_addr_equal(&row->key.local, &t->local6) &&
			ipv6_addr_equal(&row->key.remote, &t->remote6)))
		return NULL;
	return row;
}

#endif /* TWS_RECENT_H */
