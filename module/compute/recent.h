/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows that were found lately, by the addresses and the port alone.
 *
 * Nearly all sockets are IPv4, are bound to no device, and have the destination of
 * another socket that was counted a moment ago. For these the whole key need not be made,
 * hashed and compared.
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
 * @dport:	remote port, network order
 * @row:	the row, NULL for none
 */
struct tws_recent_row {
	u64 pair;
	__be16 dport;
	struct tws_row *row;
};

/**
 * struct tws_recent - where each pair has one place, which the last one takes
 * @rows:	the places
 */
struct tws_recent {
	struct tws_recent_row rows[TWS_RECENT_ROWS];
};

static inline struct tws_recent_row *tws_recent_place(struct tws_recent *recent,
						      const struct tws_tuple *t)
{
	return &recent->rows[hash_64(t->pair + (__force u16)t->dport, TWS_RECENT_BITS)];
}

/**
 * tws_recent_find() - find the row of a socket
 * @recent:	the rows
 * @t:		the socket: IPv4, without a device, of an out row
 *
 * Return: the row, or NULL: it may have one that is not remembered.
 */
static inline struct tws_row *tws_recent_find(struct tws_recent *recent,
					      const struct tws_tuple *t)
{
	const struct tws_recent_row *place = tws_recent_place(recent, t);

	return place->pair == t->pair && place->dport == t->dport ? place->row : NULL;
}

/**
 * tws_recent_keep() - remember the row of a socket
 * @recent:	the rows
 * @t:		the socket, as for tws_recent_find()
 * @row:	its row; whoever frees it forgets all that is remembered
 */
static inline void tws_recent_keep(struct tws_recent *recent, const struct tws_tuple *t,
				   struct tws_row *row)
{
	*tws_recent_place(recent, t) = (struct tws_recent_row){
		.pair = t->pair,
		.dport = t->dport,
		.row = row,
	};
}

#endif /* TWS_RECENT_H */
