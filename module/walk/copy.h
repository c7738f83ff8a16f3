/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies what is counted of a socket. */
#ifndef TWS_COPY_H
#define TWS_COPY_H

#include <linux/build_bug.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "addresses.h"
#include "compat/timewait.h"
#include "compute/fetch.h"
#include "compute/tuple.h"

/* struct tws_tuple has addresses and ports as two numbers, in this order. */
static_assert(offsetof(struct sock_common, skc_rcv_saddr) ==
	      offsetof(struct sock_common, skc_daddr) + sizeof(__be32) &&
	      offsetof(struct sock_common, skc_num) ==
	      offsetof(struct sock_common, skc_dport) + sizeof(__be16));

/* The kernel's is not inline. */
static inline u32 tws_jiffies_to_ms(u32 j)
{
	return MSEC_PER_SEC % HZ ? jiffies_to_msecs(j) : j * (MSEC_PER_SEC / HZ);
}

/*
 * The timer fires up to two seconds late (the wheel's granularity for 60 s), and for
 * a moment after the socket became visible it may not be armed.
 */
static inline u32 tws_time_left_ms(const struct inet_timewait_sock *tw,
				   unsigned long now)
{
	const long left = READ_ONCE(tw->tw_timer.expires) - now;

	return tws_jiffies_to_ms(clamp_t(long, left, 0, TCP_TIMEWAIT_LEN));
}

static inline void tws_copy_timewait(struct tws_tuple *t, const struct sock *sk,
				     unsigned long now)
{
	const struct inet_timewait_sock *tw = inet_twsk(sk);

	t->kind = TWS_KIND_TIMEWAIT;
	t->left_ms = tws_time_left_ms(tw, now);
	t->ts_recent_stamp = READ_ONCE(tcp_twsk(sk)->tw_ts_recent_stamp);
	t->entry_stamp = tws_compat_entry_stamp(tw);
	t->state = READ_ONCE(tw->tw_substate) == TCP_FIN_WAIT2 ? TWS_STATE_FIN_WAIT2 :
								 TWS_STATE_TIME_WAIT;
}

static inline u8 tws_state_of(int state)
{
	switch (state) {
	case TCP_ESTABLISHED:
		return TWS_STATE_ESTABLISHED;
	case TCP_FIN_WAIT2:
		return TWS_STATE_FIN_WAIT2;
	case TCP_SYN_SENT:
		return TWS_STATE_SYN_SENT;
	case TCP_CLOSE_WAIT:
		return TWS_STATE_CLOSE_WAIT;
	default:
		return TWS_STATE_OTHER;
	}
}

/* sk_flags is part of a union, and of full sockets only it has flags. */
static inline void tws_copy_other(struct tws_tuple *t, const struct sock *sk, int state)
{
	t->kind = state == TCP_NEW_SYN_RECV ? TWS_KIND_REQUEST : TWS_KIND_FULL;
	t->state = tws_state_of(state);
	if (state == TCP_FIN_WAIT2)
		t->held = !sock_flag(sk, SOCK_DEAD);
	t->left_ms = 0;
	t->ts_recent_stamp = 0;
	t->entry_stamp = 0;
}

static inline void tws_copy_addresses(struct tws_tuple *t, const struct sock *sk)
{
	t->v4 = !tws_has_ipv6(sk);
#if IS_ENABLED(CONFIG_IPV6)
	if (!t->v4) {
		t->local6 = sk->sk_v6_rcv_saddr;
		t->remote6 = sk->sk_v6_daddr;
		return;
	}
#endif
	t->pair = (__force u64)sk->sk_addrpair;
}

/**
 * tws_copy() - copy a socket of any kind
 * @t:		result
 * @sk:		the socket, under RCU or the lock of its chain
 * @slot:	its slot
 * @now:	jiffies
 */
static inline void tws_copy(struct tws_tuple *t, const struct sock *sk, u32 slot,
			    unsigned long now)
{
	const int state = READ_ONCE(sk->sk_state);

	tws_copy_addresses(t, sk);
	t->ports = (__force u32)sk->sk_portpair;
	t->dev = READ_ONCE(sk->sk_bound_dev_if);
	t->slot = slot;
	if (state == TCP_TIME_WAIT)
		tws_copy_timewait(t, sk, now);
	else
		tws_copy_other(t, sk, state);
}

/**
 * tws_copy_fetch() - fetch from memory what tws_copy() reads
 * @sk:		any kind of socket
 */
static inline void tws_copy_fetch(const struct sock *sk)
{
	/* An object is 248 bytes long and begins anywhere in a cache line. */
	tws_fetch(sk);
	tws_fetch(&sk->sk_net);
	tws_fetch(&sk->sk_nulls_node);
	tws_fetch(&inet_twsk(sk)->tw_timer.expires);
	tws_fetch(&tcp_twsk(sk)->tw_ts_recent_stamp);
}

#endif /* TWS_COPY_H */
