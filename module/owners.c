// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the sockets that have a port: the owners of bind buckets.
 *
 * The chain of each port is read under its lock, as bind() does
 * (inet_connection_sock.c:inet_csk_find_open_port()); no other lock is taken under it. So
 * the owners of a port are handed out one after the other, also where several ports share
 * a chain.
 *
 * A bucket may have any number of owners: a listener's children have its port. And all
 * namespaces share a chain. So it is read in sections, between which the lock is free
 * (hold.h). If the place is lost, the port is read again, and some owners are handed
 * out twice. After three times it is read in one section. Then no more than TWS_ENTRIES
 * owners of the namespace are read; if there are others, the port is reported as lost.
 *
 * New owners are at the head of their list, and need not be seen.
 */
#include <linux/bitops.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/inet_hashtables.h>
#include <net/ipv6.h>

#include "compat/tables.h"
#include "compute/classify.h"
#include "compute/gfp.h"
#include "compute/sources.h"
#include "compute/stride.h"
#include "hold.h"
#include "owners.h"

/* Owners in a batch. Those that are alike and follow each other are one. */
#define TWS_OWNERS	512u
/* How often a port is read in sections if that fails. */
#define TWS_OWNERS_TRIES	3u

/**
 * struct tws_owners - a port that is being read
 * @w:		the walk
 * @head:	head of its chain
 * @port:	the port
 * @tries:	how often it was read in vain
 * @place:	the owner that was read last
 * @visited:	buckets and owners, in this section
 * @read:	owners of the namespace, in this section
 * @lost:	some were left out
 */
struct tws_owners {
	struct tws_ownerwalk *w;
	struct inet_bind_hashbucket *head;
	u16 port;
	unsigned int tries;
	struct tws_bindplace place;
	unsigned int visited;
	unsigned int read;
	bool lost;
};

enum tws_owners_end {
	TWS_OWNERS_DONE,
	TWS_OWNERS_MORE,	/* the section ends, the chain goes on */
	TWS_OWNERS_AGAIN,	/* the place is lost */
};

static void tws_owner_copy(struct tws_owner *owner, const struct sock *sk,
			   const struct inet_bind_bucket *tb)
{
	owner->alias = tws_compat_bind_alias(sk);
	owner->dev = READ_ONCE(sk->sk_bound_dev_if);
	owner->l3mdev = tb->l3mdev;
	owner->port = tb->port;
	owner->v6only = ipv6_only_sock(sk);
	owner->timewait = sk->sk_state == TCP_TIME_WAIT;
#if IS_ENABLED(CONFIG_IPV6)
	/* In a PF_INET timewait socket the IPv6 address is not set. */
	if (sk->sk_family == AF_INET6) {
		owner->addr = sk->sk_v6_rcv_saddr;
		return;
	}
#endif
	ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, &owner->addr);
}

/* Whether it is enough to know one of them. */
static bool tws_owners_alike(const struct tws_owner *a, const struct tws_owner *b)
{
	return a->port == b->port && a->dev == b->dev && a->l3mdev == b->l3mdev &&
	       a->v6only == b->v6only && a->alias == b->alias &&
	       ipv6_addr_equal(&a->addr, &b->addr);
}

/* Return false if there is no room. */
static bool tws_owners_add(struct tws_ownerwalk *w, const struct tws_owner *owner)
{
	struct tws_owner *last = w->nr ? &w->batch[w->nr - 1] : NULL;

	if (last && tws_owners_alike(last, owner)) {
		last->timewait &= owner->timewait;
		return true;
	}
	if (w->nr == TWS_OWNERS)
		return false;
	w->batch[w->nr++] = *owner;
	return true;
}

/* Whether the section should end as soon as the place can be kept. */
static bool tws_owners_enough(const struct tws_owners *c)
{
	return c->tries < TWS_OWNERS_TRIES &&
	       (c->visited >= TWS_ENTRIES || c->w->nr == TWS_OWNERS);
}

/* Read the owners of a bucket of the port, from @sk on. Return whether the section ends. */
static bool tws_owners_bucket(struct tws_owners *c, struct inet_bind_bucket *tb,
			      struct sock *sk)
{
	struct tws_owner owner;

	for (; sk; sk = tws_compat_bind_next(sk)) {
		if (c->read >= TWS_ENTRIES && c->tries == TWS_OWNERS_TRIES) {
			c->lost = true;
			return false;
		}
		tws_owner_copy(&owner, sk, tb);
		if (!tws_owners_add(c->w, &owner))
			c->lost = true;
		c->read++;
		c->visited++;
		if (tws_owners_enough(c) && tws_bindplace_keep(&c->place, tb, sk))
			return true;
	}
	return false;
}

static bool tws_owners_wanted(const struct tws_owners *c, struct inet_bind_bucket *tb)
{
	return tb->port == c->port && net_eq(ib_net(tb), c->w->net);
}

/* Return whether the section ends at a bucket that is somebody else's. */
static bool tws_owners_pass(struct tws_owners *c, struct inet_bind_bucket *tb)
{
	struct sock *sk;

	if (!tws_owners_enough(c))
		return false;
	sk = tws_compat_bind_first(tb);
	return sk && tws_bindplace_keep(&c->place, tb, sk);
}

/* Under the lock of the chain. */
static enum tws_owners_end tws_owners_section(struct tws_owners *c)
{
	struct hlist_node *node = c->head->chain.first;
	struct inet_bind_bucket *tb;
	struct sock *kept = c->place.owner, *sk;
	bool ends;

	c->visited = 0;
	c->read = 0;
	if (kept) {
		if (!tws_bindplace_is_kept(&c->place))
			return TWS_OWNERS_AGAIN;
		node = &c->place.tb->node;
		c->place.owner = NULL;
	}
	for (; node; node = node->next, kept = NULL) {
		tb = hlist_entry(node, struct inet_bind_bucket, node);
		c->visited++;
		if (tws_owners_wanted(c, tb)) {
			sk = kept ? tws_compat_bind_next(kept) : tws_compat_bind_first(tb);
			ends = tws_owners_bucket(c, tb, sk);
		} else {
			ends = !kept && tws_owners_pass(c, tb);
		}
		if (ends)
			return TWS_OWNERS_MORE;
	}
	return TWS_OWNERS_DONE;
}

static void tws_owners_flush(struct tws_ownerwalk *w)
{
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		w->sink(w->ctx, &w->batch[i]);
	w->nr = 0;
}

static void tws_owners_read(struct tws_ownerwalk *w, struct inet_bind_hashbucket *head,
			    u16 port)
{
	struct tws_owners c = { .w = w, .head = head, .port = port };
	enum tws_owners_end how;

	do {
		struct sock *left = c.place.owner;

		spin_lock_bh(&head->lock);
		how = tws_owners_section(&c);
		spin_unlock_bh(&head->lock);
		if (left)
			sock_gen_put(left);
		if (how == TWS_OWNERS_AGAIN) {
			c.place.owner = NULL;
			c.lost = false;
			c.tries++;
		}
		if (how != TWS_OWNERS_DONE || c.lost || w->nr > TWS_OWNERS / 2) {
			tws_owners_flush(w);
			cond_resched();
		}
	} while (how != TWS_OWNERS_DONE);
	if (c.lost)
		w->lost(w->ctx, port);
}

/**
 * tws_ownerwalk() - hand the owners of ports to a sink
 * @w:	the walk; all but the private fields are set
 *
 * Those of one port come one after the other, in no order. One may come more than once.
 * If the addresses, devices and VRFs of several owners of a port are alike, one may stand
 * for them: then it is a timewait socket if all of them are.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINTR if nobody wants it any more.
 */
int tws_ownerwalk(struct tws_ownerwalk *w)
{
	struct inet_bind_hashbucket *head;
	unsigned int done = 0;
	unsigned long port;
	int err = 0;

	w->nr = 0;
	w->batch = kmalloc_array(TWS_OWNERS, sizeof(*w->batch), TWS_GFP);
	if (!w->batch)
		return -ENOMEM;
	for_each_set_bit(port, w->ports, TWS_PORTS) {
		head = &w->hashinfo->bhash[inet_bhashfn(w->net, port,
							w->hashinfo->bhash_size)];
		if (!hlist_empty(&head->chain))
			tws_owners_read(w, head, port);
		if (++done % TWS_STRIDE)
			continue;
		cond_resched();
		if (tws_unwanted(w->stop)) {
			err = -EINTR;
			break;
		}
	}
	tws_owners_flush(w);
	kfree(w->batch);
	w->batch = NULL;
	return err;
}
