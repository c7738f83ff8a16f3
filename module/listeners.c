// SPDX-License-Identifier: GPL-2.0-only
/* Which ports a namespace listens on. */
#include <linux/bitmap.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat/listeners.h"
#include "listeners.h"
#include "stride.h"

/* How often a chain is read if a listener moved to another one meanwhile. */
#define TWS_LISTEN_TRIES	3
/* The longest chain. After as many listeners an RCU section ends. */
#define TWS_LISTEN_MAX	(TWS_ENTRIES / 2)

/*
 * Under RCU. A listener is freed after a grace period (SOCK_RCU_FREE), so its
 * fields are its own. But it may close and listen again in another chain, and
 * the reader follows it there. The nulls value at the end tells.
 */
static unsigned int tws_listen_slot(struct inet_hashinfo *h, unsigned int slot,
				    const struct net *net, unsigned long *ports)
{
	struct hlist_nulls_head *head = tws_compat_listen_head(h, slot);
	const struct hlist_nulls_node *node;
	unsigned int seen = 0;
	struct sock *sk;
	int tries = 0;

	do {
		sk_nulls_for_each_rcu(sk, node, head) {
			if (++seen > TWS_LISTEN_MAX)
				return seen;
			if (net_eq(sock_net(sk), net))
				__set_bit(READ_ONCE(sk->sk_num), ports);
		}
	} while (get_nulls_value(node) != slot + LISTENING_NULLS_BASE &&
		 ++tries < TWS_LISTEN_TRIES);
	return seen;
}

/**
 * tws_listeners() - collect the ports that a namespace listens on
 * @h:		hash tables, those of @net
 * @net:	namespace
 * @ports:	zeroed bitmap of 65,536 ports
 * @stop:	ends the walk within a stride; or NULL
 *
 * Context: process context, may sleep.
 * Return: 0, -E2BIG if a chain is too long, or -EINTR if nobody
 * wants it any more.
 */
int tws_listeners(struct inet_hashinfo *h, const struct net *net,
		  unsigned long *ports, const bool *stop)
{
	const unsigned int slots = tws_compat_listen_slots(h);
	unsigned int slot = 0;

	while (slot < slots) {
		const unsigned int end = min(slot + TWS_STRIDE, slots);
		unsigned int seen = 0, found = 0;

		rcu_read_lock();
		for (; slot < end && seen < TWS_LISTEN_MAX; slot++) {
			found = tws_listen_slot(h, slot, net, ports);
			if (found > TWS_LISTEN_MAX)
				break;
			seen += found;
		}
		rcu_read_unlock();
		if (found > TWS_LISTEN_MAX)
			return -E2BIG;
		cond_resched();
		if (tws_unwanted(stop))
			return -EINTR;
	}
	return 0;
}
