/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows that were found lately, by the addresses and the port alone.
 *
 * Nearly all sockets are IPv4, are bound to no device, and have the destination of
 * another socket that was counted a moment ago. For these the whole key need not be made,
 * hashed and compared. And nearly all are in TIME_WAIT: these are counted here, two
 * numbers each, and all that follows from them is added to the row later.
 */
#ifndef TWS_RECENT_H
#define TWS_RECENT_H

#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/types.h>

#include "tuple.h"

struct tws_row;

#define TWS_RECENT_BITS	10
#define TWS_RECENT_ROWS	BIT(TWS_RECENT_BITS)

/**
 * struct tws_recent_row - an out row of IPv4, without a device
 * @pair:	local and remote address
 * @row:	the row, NULL for none
 * @dport:	remote port, network order
 * @reuse:	connect() takes over what tws_reusable() is true of
 * @timewait:	sockets in TIME_WAIT on usable ports that the row lacks yet
 * @reusable:	of these, those that tws_reusable() is true of
 */
struct tws_recent_row {
	u64 pair;
	struct tws_row *row;
	__be16 dport;
	bool reuse;
	u32 timewait;
	u32 reusable;
};

/**
 * struct tws_recent - where each pair has one place, which the last one takes
 * @rows:	the places
 */
struct tws_recent {
	struct tws_recent_row rows[TWS_RECENT_ROWS];
};

void tws_recent_settle(struct tws_recent *recent);
void tws_recent_keep(struct tws_recent *recent, const struct tws_tuple *t,
		     struct tws_row *row, bool reuse);

/**
 * tws_recent_place() - where the row of a socket would be
 * @recent:	the rows
 * @t:		the socket: IPv4, without a device, of an out row
 */
static inline struct tws_recent_row *tws_recent_place(struct tws_recent *recent,
						      const struct tws_tuple *t)
{
	return &recent->rows[hash_64(t->pair + (__force u16)t->dport, TWS_RECENT_BITS)];
}

/**
 * tws_recent_row() - find the row of a socket
 * @place:	its place
 * @t:		the socket
 *
 * Return: the row, or NULL: it may have one that is not remembered.
 */
static inline struct tws_row *tws_recent_row(const struct tws_recent_row *place,
					     const struct tws_tuple *t)
{
	return place->pair == t->pair && place->dport == t->dport ? place->row : NULL;
}

#endif /* TWS_RECENT_H */
