// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads one long chain of the bind table.
 *
 * All namespaces share the table: each has a bucket in the chain for one port, and another
 * one in each VRF. So the chain is read under its lock in sections, between which the lock
 * is free (bindplace.h). If the place is lost, the chain is read again. After three times it
 * is read in one section, as connect() and bind() read it with the lock held if the port is
 * not in use (inet_hashtables.c:__inet_hash_connect()).
 *
 * New buckets are at the head, and need not be seen: when the reading began, nobody had
 * this port.
 */
#include <linux/sched.h>
#include <net/inet_hashtables.h>

#include "bindchain.h"
#include "bindplace.h"
#include "compat/bindtable.h"
#include "compute/stride.h"

/* How often a chain is read in sections if that fails. */
#define TWS_BINDCHAIN_TRIES	3u

/**
 * struct tws_bindchain - a chain that is being read
 * @w:		the walk
 * @head:	its head
 * @tries:	how often it was read in vain
 * @found:	wanted buckets so far
 * @place:	the bucket that was read last
 */
struct tws_bindchain {
	struct tws_bindwalk *w;
	struct inet_bind_hashbucket *head;
	unsigned int tries;
	unsigned int found;
	struct tws_bindplace place;
};

enum tws_bindchain_end {
	TWS_BINDCHAIN_DONE,
	TWS_BINDCHAIN_MORE,	/* the section ends, the chain goes on */
	TWS_BINDCHAIN_AGAIN,	/* the place is lost */
};

static bool tws_bindchain_stay(struct tws_bindchain *c, struct inet_bind_bucket *tb)
{
	struct sock *owner = tws_compat_bind_first(tb);

	return owner && tws_bindplace_keep(&c->place, tb, owner);
}

/* Under the lock of the chain. */
static enum tws_bindchain_end tws_bindchain_section(struct tws_bindchain *c)
{
	const unsigned int most = c->tries < TWS_BINDCHAIN_TRIES ? TWS_ENTRIES : UINT_MAX;
	struct hlist_node *node = c->head->chain.first;
	struct inet_bind_bucket *tb;
	unsigned int seen = 0;

	if (c->place.owner) {
		if (!tws_bindplace_is_kept(&c->place))
			return TWS_BINDCHAIN_AGAIN;
		node = c->place.tb->node.next;
		c->place.owner = NULL;
	}
	for (; node; node = node->next) {
		tb = hlist_entry(node, struct inet_bind_bucket, node);
		c->found += tws_bindwalk_copy(c->w, tb, c->found);
		if (++seen >= most && node->next && tws_bindchain_stay(c, tb))
			return TWS_BINDCHAIN_MORE;
	}
	return TWS_BINDCHAIN_DONE;
}

/**
 * tws_bindchain_read() - copy what fits of a chain into the batch of a walk
 * @w:		the walk
 * @head:	head of the chain
 *
 * Context: process context, may sleep.
 * Return: how many of its buckets are wanted.
 */
unsigned int tws_bindchain_read(struct tws_bindwalk *w, struct inet_bind_hashbucket *head)
{
	struct tws_bindchain c = { .w = w, .head = head };
	enum tws_bindchain_end how;

	do {
		struct sock *left = c.place.owner;

		spin_lock_bh(&head->lock);
		how = tws_bindchain_section(&c);
		spin_unlock_bh(&head->lock);
		if (left)
			sock_gen_put(left);
		cond_resched();
		if (how == TWS_BINDCHAIN_AGAIN) {
			c.place.owner = NULL;
			c.found = 0;
			c.tries++;
		}
	} while (how != TWS_BINDCHAIN_DONE);
	return c.found;
}
