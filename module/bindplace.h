/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A place in a chain of the bind table, kept while its lock is free. A bucket lives as
 * long as it has an owner, and a reference to an owner tells whether it still is one.
 */
#ifndef TWS_BINDPLACE_H
#define TWS_BINDPLACE_H

#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "compat/bindtable.h"
#include "hold.h"

/**
 * struct tws_bindplace - a place, none if zeroed
 * @tb:		the bucket
 * @owner:	a reference to one of its owners, or NULL
 * @list:	the list that the owner was on
 */
struct tws_bindplace {
	struct inet_bind_bucket *tb;
	struct sock *owner;
	const void *list;
};

/**
 * tws_bindplace_keep() - stay at an owner
 * @place:	result
 * @tb:		its bucket, under the lock of the chain
 * @owner:	the owner
 *
 * Return: false if it cannot be this one.
 */
static inline bool tws_bindplace_keep(struct tws_bindplace *place,
				      struct inet_bind_bucket *tb, struct sock *owner)
{
	if (!tws_hold(owner))
		return false;
	place->tb = tb;
	place->owner = owner;
	place->list = tws_compat_bind_list(owner);
	return true;
}

/* Whether the owner still has the bucket, and so the bucket is still there. */
static inline bool tws_bindplace_is_kept(const struct tws_bindplace *place)
{
	const struct sock *owner = place->owner;
	const struct inet_bind_bucket *tb = owner->sk_state == TCP_TIME_WAIT ?
		inet_twsk(owner)->tw_tb : inet_csk(owner)->icsk_bind_hash;

	return tb == place->tb && tws_compat_bind_list(owner) == place->list;
}

#endif /* TWS_BINDPLACE_H */
