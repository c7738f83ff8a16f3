/* SPDX-License-Identifier: GPL-2.0-only */
/* Staying at a socket of a table of the kernel while others run. */
#ifndef TWS_HOLD_H
#define TWS_HOLD_H

#include <net/sock.h>
#include <net/tcp_states.h>

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

#endif /* TWS_HOLD_H */
