// SPDX-License-Identifier: GPL-2.0-only
/* Which ports a namespace listens on. */
#include <linux/bitmap.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <linux/sched.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat/listeners.h"
#include "listeners.h"
#include "stride.h"

/* How often a chain is read if a listener moved to another one meanwhile. */
#define TWS_LISTEN_TRIES	3

/*
 * Under RCU. A listener is freed after a grace period (SOCK_RCU_FREE), so its
 * fields are its own. But it may close and listen again in another chain, and
 * the reader follows it there. The nulls value at the end tells.
 */
static void tws_listen_slot(struct inet_hashinfo *h, unsigned int slot,
			    const struct net *net, unsigned long *ports)
{
	struct hlist_nulls_head *head = tws_compat_listen_head(h, slot);
	const struct hlist_nulls_node *node;
	struct sock *sk;
	int tries = 0;

	do {
		sk_nulls_for_each_rcu(sk, node, head) {
			if (net_eq(sock_net(sk), net))
				__set_bit(READ_ONCE(sk->sk_num), ports);
		}
	} while (get_nulls_value(node) != slot + LISTENING_NULLS_BASE &&
		 ++tries < TWS_LISTEN_TRIES);
}

/**
 * tws_listeners() - collect the ports that a namespace listens on
 * @h:		hash tables, those of @net
 * @net:	namespace
 * @ports:	zeroed bitmap of 65,536 ports
 *
 * Context: process context, may sleep.
 */
void tws_listeners(struct inet_hashinfo *h, const struct net *net,
		   unsigned long *ports)
{
	const unsigned int slots = tws_compat_listen_slots(h);
	unsigned int slot = 0;

	while (slot < slots) {
		const unsigned int end = min(slot + TWS_STRIDE, slots);

		rcu_read_lock();
		for (; slot < end; slot++)
			tws_listen_slot(h, slot, net, ports);
		rcu_read_unlock();
		cond_resched();
	}
}
