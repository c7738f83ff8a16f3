// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads one chain of the established/timewait table under its lock.
 *
 * All namespaces may share the table, and a chain may be as long as anybody likes: one
 * four-tuple on many devices is one chain. So a long one is read in sections, between
 * which the lock is free. A reference to the socket that was read last keeps the place.
 *
 * What happens meanwhile must neither hide a connection nor show it twice:
 *
 * - The place is lost if the socket or one beside it has left the chain.
 * - A connection that moves to the head (a timewait socket that connect() takes over)
 *   stands in front of the socket that was first when the reading began. At the end,
 *   under the lock that was held when the end was seen, none of the namespace may stand
 *   there. Those of others do not matter.
 * - Where a kernel adds at the tail, one that has moved is read twice: no two may be alike.
 *
 * In each of these cases the chain is read again, and after three times in one section,
 * as /proc/net/tcp reads every chain (tcp_ipv4.c:established_get_first()). (A socket that
 * leaves and comes back between two sections, and so do its neighbours, is taken for one
 * that has stayed.)
 */
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compute/stride.h"
#include "compute/tuple.h"
#include "copy.h"
#include "hold.h"
#include "walk/section.h"

/* How often a chain is read in sections if that fails. */
#define TWS_LOCKED_TRIES	3u

/**
 * struct tws_locked - a chain that is being read under its lock
 * @s:		the section
 * @b:		the batch
 * @slot:	the chain's slot
 * @truncated:	result: it has more than TWS_ENTRIES sockets of the namespace
 * @tries:	how often it was read in vain
 * @found:	sockets of the namespace so far
 * @first:	the first socket that could be held when the reading began; a reference, or
 *		NULL while there is only one section
 * @behind:	what stood behind it
 * @at:		the socket that was read last, likewise
 * @place:	what stood in front of it
 * @next:	what stood behind it
 */
struct tws_locked {
	const struct tws_section *s;
	struct tws_batch *b;
	unsigned int slot;
	bool truncated;
	unsigned int tries;
	unsigned int found;
	struct sock *first;
	struct hlist_nulls_node *behind;
	struct sock *at;
	struct hlist_nulls_node **place;
	struct hlist_nulls_node *next;
};

enum tws_locked_end {
	TWS_LOCKED_DONE,
	TWS_LOCKED_MORE,	/* the section ends, the chain goes on */
	TWS_LOCKED_AGAIN,	/* what was read is no good */
};

static struct sock *tws_sock_of(struct hlist_nulls_node *node)
{
	return hlist_nulls_entry(node, struct sock, sk_nulls_node);
}

static struct hlist_nulls_node *tws_locked_head(const struct tws_locked *c)
{
	return c->s->hashinfo->ehash[c->slot].chain.first;
}

static void tws_locked_put(struct sock **sk)
{
	if (*sk)
		sock_gen_put(*sk);
	*sk = NULL;
}

/* Find the first socket that can be held, while the lock is held since the beginning. */
static void tws_locked_hold_first(struct tws_locked *c)
{
	struct hlist_nulls_node *node;

	for (node = tws_locked_head(c); !is_a_nulls(node); node = node->next) {
		if (!tws_hold(tws_sock_of(node)))
			continue;
		c->first = tws_sock_of(node);
		c->behind = node->next;
		return;
	}
}

/* End the section behind a socket. Return false if it cannot be held. */
static bool tws_locked_stay(struct tws_locked *c, struct hlist_nulls_node *node)
{
	struct sock *sk = tws_sock_of(node);

	if (!tws_hold(sk))
		return false;
	if (!c->first)
		tws_locked_hold_first(c);
	c->at = sk;
	c->place = node->pprev;
	c->next = node->next;
	return true;
}

/* Whether the place that was kept is still there. */
static bool tws_locked_stayed(const struct tws_locked *c)
{
	const struct hlist_nulls_node *node = &c->at->sk_nulls_node;

	return node->pprev == c->place && node->next == c->next;
}

/* At the end: whether nothing of the namespace has come to the head since the beginning. */
static bool tws_locked_is_whole(const struct tws_locked *c)
{
	const struct hlist_nulls_node *first = &c->first->sk_nulls_node;
	struct hlist_nulls_node *node;
	unsigned int seen = 0;

	if (!first->pprev || first->next != c->behind)
		return false;
	for (node = tws_locked_head(c); node != first; node = node->next) {
		if (is_a_nulls(node) || ++seen > TWS_ENTRIES ||
		    net_eq(sock_net(tws_sock_of(node)), c->s->net))
			return false;
	}
	return true;
}

/* Copy a socket, if there is room. Return false if there are too many. */
static bool tws_locked_copy(struct tws_locked *c, const struct sock *sk, unsigned long now)
{
	struct tws_batch *b = c->b;

	if (!net_eq(sock_net(sk), c->s->net))
		return true;
	if (c->found == TWS_ENTRIES) {
		c->truncated = true;
		return false;
	}
	if (b->nr + c->found < b->room)
		tws_copy(&b->tuples[b->nr + c->found], sk, c->slot, now);
	c->found++;
	return true;
}

/* Under the lock. */
static enum tws_locked_end tws_locked_section(struct tws_locked *c)
{
	const unsigned int most = c->tries < TWS_LOCKED_TRIES ? TWS_ENTRIES : UINT_MAX;
	struct hlist_nulls_node *node = c->at ? c->next : tws_locked_head(c);
	const unsigned long now = jiffies;
	unsigned int seen = 0;

	if (c->at && !tws_locked_stayed(c))
		return TWS_LOCKED_AGAIN;
	c->at = NULL;
	for (; !is_a_nulls(node); node = node->next) {
		if (!tws_locked_copy(c, tws_sock_of(node), now))
			return TWS_LOCKED_DONE;
		if (++seen >= most && !is_a_nulls(node->next) && tws_locked_stay(c, node))
			return TWS_LOCKED_MORE;
	}
	return !c->first || tws_locked_is_whole(c) ? TWS_LOCKED_DONE : TWS_LOCKED_AGAIN;
}

static bool tws_tuples_alike(const struct tws_tuple *a, const struct tws_tuple *b)
{
	if (a->ports != b->ports || a->dev != b->dev || a->v4 != b->v4)
		return false;
	return a->v4 ? a->pair == b->pair :
		       ipv6_addr_equal(&a->local6, &b->local6) &&
		       ipv6_addr_equal(&a->remote6, &b->remote6);
}

/* Whether a connection was read twice. */
static bool tws_locked_has_repeats(const struct tws_locked *c)
{
	const struct tws_tuple *begin = &c->b->tuples[c->b->nr];
	const struct tws_tuple *end = begin + min(c->found, c->b->room - c->b->nr);
	const struct tws_tuple *a, *b;

	for (a = begin; a < end; a++) {
		for (b = begin; b < a; b++)
			if (tws_tuples_alike(a, b))
				return true;
		/* A comparison with thousands. */
		cond_resched();
	}
	return false;
}

/**
 * tws_locked_read() - add what fits of a chain to a batch
 * @s:		the section
 * @b:		gets the sockets behind those that it has; its @nr stays
 * @slot:	the chain's slot
 * @breath:	see tws_breathe()
 * @truncated:	set to true if sockets of the namespace beyond TWS_ENTRIES are left out
 *
 * Context: process context, may sleep.
 * Return: how many sockets of the chain are of the namespace.
 */
unsigned int tws_locked_read(struct tws_section *s, struct tws_batch *b, unsigned int slot,
			     struct tws_breath *breath, bool *truncated)
{
	spinlock_t *lock = inet_ehash_lockp(s->hashinfo, slot);
	struct tws_locked c = { .s = s, .b = b, .slot = slot };
	enum tws_locked_end how;

	do {
		struct sock *left = c.at;

		spin_lock_bh(lock);
		how = tws_locked_section(&c);
		spin_unlock_bh(lock);
		tws_locked_put(&left);
		tws_breathe(breath);
		if (how == TWS_LOCKED_DONE && c.first && !c.truncated &&
		    tws_locked_has_repeats(&c))
			how = TWS_LOCKED_AGAIN;
		if (how == TWS_LOCKED_MORE)
			continue;
		tws_locked_put(&c.first);
		if (how == TWS_LOCKED_AGAIN) {
			c.at = NULL;
			c.found = 0;
			c.tries++;
			s->retried++;
		}
	} while (how != TWS_LOCKED_DONE);
	*truncated |= c.truncated;
	return c.found;
}
