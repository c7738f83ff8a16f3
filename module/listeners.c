// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ports a namespace listens on, and in which VRF.
 *
 * All namespaces share the table, and all listeners of one address and port that share it
 * by SO_REUSEPORT are in one chain. So a chain may be as long as anybody likes. It is
 * read in sections: at the end of one the reader holds a reference to a listener, and
 * goes on behind it in the next one, if it has kept its place. If it has not, the reader
 * begins again. After a few times it reads the chain in one section, as the kernel does
 * for each SYN (inet_hashtables.c:inet_lhash2_lookup()). No lock is taken. If it changes each
 * time, it is left after a few more: then a listener may be missing, which makes rows of
 * another kind, and `free` is right all the same (classify.h).
 *
 * The kernel has no other table with the answer that is quick to ask. A listener is an
 * owner of its bind bucket, but the last of them: behind all connections that it has
 * accepted, which may be millions, under a lock that each new one needs.
 *
 * What is set stays set when a chain is read again: it was the port of a listener of this
 * namespace, in whatever chain the reader met it. The number of free ports does not depend
 * on it (classify.h).
 */
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/sock.h>

#include "compat/tables.h"
#include "compute/portmap.h"
#include "compute/scope.h"
#include "compute/stride.h"
#include "hold.h"
#include "ports.h"
#include "settings.h"

/* After so many listeners a section ends. */
#define TWS_LISTEN_MAX		(TWS_ENTRIES / 2)
/* How often a chain that changes is read in sections, and in how many tries in all. */
#define TWS_LISTEN_TRIES	3u
#define TWS_LISTEN_TRIES_ALL	(2 * TWS_LISTEN_TRIES)

/**
 * struct tws_listen_walk - a walk over the table of listeners
 * @hashinfo:	the tables of @net
 * @net:	the namespace
 * @ports:	gets the ports
 * @slot:	the chain that is read next
 * @tries:	how often this chain has changed while it was read
 * @visited:	listeners that this section has seen
 * @at:		the listener behind which to go on, with a reference; or NULL
 * @place:	what was in front of it
 * @l3mdev:	a VRF that @ports must have to go on, or 0
 */
struct tws_listen_walk {
	struct inet_hashinfo *hashinfo;
	struct net *net;
	struct tws_portmap *ports;
	unsigned int slot;
	unsigned int tries;
	unsigned int visited;
	struct sock *at;
	struct hlist_nulls_node **place;
	int l3mdev;
};

enum tws_listen_end {
	TWS_LISTEN_DONE,	/* the chain was read */
	TWS_LISTEN_PAUSE,	/* the section ends, the chain goes on */
	TWS_LISTEN_CHANGED,	/* the reader was led away, or has lost its place */
	TWS_LISTEN_NO_VRF,	/* there is no room yet for a VRF */
};

/*
 * Not all that stands in a chain listens: a listener that closes may connect at once, and
 * the reader follows it to the established table. Return false if there is no room.
 */
static bool tws_listen_note(struct tws_listen_walk *w, const struct sock *sk)
{
	struct tws_scope scope = {};
	int dev;

	if (!net_eq(sock_net(sk), w->net) || inet_sk_state_load(sk) != TCP_LISTEN)
		return true;
	dev = READ_ONCE(sk->sk_bound_dev_if);
	if (dev)
		tws_scope_of(&scope, w->net, dev);
	if (tws_portmap_listen(w->ports, scope.l3mdev, READ_ONCE(sk->sk_num)))
		return true;
	w->l3mdev = scope.l3mdev;
	return false;
}

/* Stay at a listener while others run. Return false if it cannot be this one. */
static bool tws_listen_stay(struct tws_listen_walk *w, struct sock *sk)
{
	struct hlist_nulls_node **place = READ_ONCE(sk->sk_nulls_node.pprev);

	if (inet_sk_state_load(sk) != TCP_LISTEN || !place || !tws_hold(sk))
		return false;
	w->at = sk;
	w->place = place;
	return true;
}

static struct hlist_nulls_node *tws_listen_next(struct hlist_nulls_node *node)
{
	return rcu_dereference_raw(hlist_nulls_next_rcu(node));
}

/* Where to go on, or NULL if that place is lost. A listener may come back elsewhere. */
static struct hlist_nulls_node *tws_listen_begin(const struct tws_listen_walk *w)
{
	struct hlist_nulls_head *head = tws_compat_listen_head(w->hashinfo, w->slot);
	struct hlist_nulls_node *next;

	if (!w->at)
		return rcu_dereference_raw(hlist_nulls_first_rcu(head));
	next = tws_listen_next(&w->at->sk_nulls_node);
	smp_rmb();	/* the next one before the place is checked */
	return READ_ONCE(w->at->sk_nulls_node.pprev) == w->place ? next : NULL;
}

/*
 * Under RCU. A listener is freed after a grace period (SOCK_RCU_FREE), so its fields are
 * its own. But it may close and listen again in another chain, and the reader follows it
 * there. The nulls value at the end tells.
 */
static enum tws_listen_end tws_listen_chain(struct tws_listen_walk *w)
{
	const unsigned int most = w->tries < TWS_LISTEN_TRIES ? TWS_LISTEN_MAX : UINT_MAX;
	struct hlist_nulls_node *node = tws_listen_begin(w);
	struct sock *sk;

	if (!node)
		return TWS_LISTEN_CHANGED;
	for (; !is_a_nulls(node); node = tws_listen_next(node)) {
		sk = hlist_nulls_entry(node, struct sock, sk_nulls_node);
		if (!tws_listen_note(w, sk))
			return TWS_LISTEN_NO_VRF;
		if (++w->visited >= most && tws_listen_stay(w, sk))
			return TWS_LISTEN_PAUSE;
	}
	return get_nulls_value(node) == w->slot + LISTENING_NULLS_BASE ?
	       TWS_LISTEN_DONE : TWS_LISTEN_CHANGED;
}

/* Read chains up to slot @end, or some of them, or a part of one. */
static void tws_listen_section(struct tws_listen_walk *w, unsigned int end)
{
	struct sock *at = w->at;
	enum tws_listen_end how = TWS_LISTEN_DONE;

	w->visited = 0;
	w->l3mdev = 0;
	rcu_read_lock();
	while (w->slot < end && w->visited < TWS_LISTEN_MAX) {
		how = tws_listen_chain(w);
		if (how == TWS_LISTEN_PAUSE)
			break;
		w->at = NULL;
		if (how == TWS_LISTEN_NO_VRF)
			break;
		if (how == TWS_LISTEN_CHANGED && ++w->tries < TWS_LISTEN_TRIES_ALL)
			continue;
		w->tries = 0;
		w->slot++;
	}
	rcu_read_unlock();
	if (at)
		sock_put(at);
}

/**
 * tws_listeners() - collect the ports that a namespace listens on
 * @h:		hash tables, those of @net
 * @net:	namespace
 * @ports:	map that gets them
 * @breath:	measures the time without a chance to reschedule (stride.h)
 * @stop:	ends the walk within a section; or NULL
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if there are too many VRFs or memory is short, or -EINTR if nobody
 * wants it any more.
 */
int tws_listeners(struct inet_hashinfo *h, struct net *net, struct tws_portmap *ports,
		  struct tws_breath *breath, const bool *stop)
{
	struct tws_listen_walk w = { .hashinfo = h, .net = net, .ports = ports };
	const unsigned int slots = tws_compat_listen_slots(h);
	int err = 0;

	while (!err && w.slot < slots) {
		tws_listen_section(&w, min(w.slot + TWS_STRIDE, slots));
		tws_breathe(breath);
		if (tws_unwanted(stop))
			err = -EINTR;
		else if (w.l3mdev)
			err = tws_portmap_add_vrf(ports, w.l3mdev);
	}
	if (w.at)
		sock_put(w.at);
	return err;
}
