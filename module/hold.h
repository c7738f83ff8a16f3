/* SPDX-License-Identifier: GPL-2.0-only */
/* Staying at a place in a chain of a table of the kernel, while its lock is free. */
#ifndef TWS_HOLD_H
#define TWS_HOLD_H

#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tables.h"

/**
 * tws_hold() - get a reference to a socket, whose it may be
 * @sk:		any kind of socket, under RCU or the lock of its chain
 *
 * A timewait socket needs nothing of its namespace to be freed, a request has its listener,
 * and a full socket keeps its namespace alive, if it is not one of the kernel itself.
 *
 * Return: whether it is held, until sock_gen_put(). One that has no reference yet, or no
 * more, cannot be held.
 */
static inline bool tws_hold(struct sock *sk)
{
	const int state = READ_ONCE(sk->sk_state);
	const bool full = state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV;

	return (!full || sk->sk_net_refcnt) && refcount_inc_not_zero(&sk->sk_refcnt);
}

/**
 * struct tws_bindplace - a place in a chain of the bind table, none if zeroed
 * @tb:		the bucket
 * @owner:	a reference to one of its owners, or NULL
 * @list:	the list that the owner was on
 *
 * A bucket lives as long as it has an owner, and a reference to an owner tells whether it
 * still is one.
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

#endif /* TWS_HOLD_H */
