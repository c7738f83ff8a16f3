// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the established/timewait hash table.
 *
 * This is the only file that copies sockets out of that table. (debug_walk.c
 * counts the length of its chains, and listeners.c reads the table of
 * listeners.)
 *
 * A chain is read without its lock: the sockets are copied under RCU, and the
 * copy is used only if nothing was added to the chain meanwhile. After a few
 * failed tries, or if the chain is long, its lock is taken, as /proc/net/tcp
 * does for every chain.
 *
 * Why a copy that passes these checks holds each connection exactly once:
 *
 * - Sockets are only added at the head of a chain or in place of another one
 *   (inet_hashtables.c:inet_ehash_insert, __inet_check_established;
 *   inet_timewait_sock.c:inet_twsk_hashdance), with the bucket lock held.
 *   A connection changes its object (socket to timewait socket, a timewait
 *   socket that connect() takes over) by an add and a delete in ONE critical
 *   section. A copy must not see one half of it without the other. The lock is
 *   free after the head was read and when the end is reached, and then the head
 *   is still the same: no add was half done, and none came later.
 * - The objects come from SLAB_TYPESAFE_BY_RCU caches: one that is freed while
 *   it is read may be used again at once, in another chain. Then the nulls value
 *   at the end is that of another slot, or the hash of the object has changed,
 *   or the object is in no chain. If the head left and came back as another
 *   connection, its hash has changed.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "addresses.h"
#include "compat/timewait.h"
#include "compute/gfp.h"
#include "compute/tuple.h"
#include "stride.h"
#include "walk.h"

/* Sockets in a batch at first; it grows for a longer chain. */
#define TWS_BATCH	512
/* Longest chain that is read without its lock, foreign sockets included. */
#define TWS_CHAIN_MAX	256
/* How often a chain that changes is read before its lock is taken. */
#define TWS_TRIES	3
/* After so many sockets one RCU section has no room for a further slot. */
#define TWS_SECTION	(TWS_ENTRIES - TWS_TRIES * TWS_CHAIN_MAX)
/* The first socket of a chain is fetched this many slots ahead. */
#define TWS_AHEAD	8

enum tws_read {
	TWS_READ_DONE,		/* the slot is in the batch */
	TWS_READ_CHANGED,	/* it changed meanwhile: read it again */
	TWS_READ_FULL,		/* no room: empty the batch, read it again */
	TWS_READ_LOCK,		/* it must be read under its lock */
};

static u32 tws_time_left_ms(const struct inet_timewait_sock *tw)
{
	long left = (long)(READ_ONCE(tw->tw_timer.expires) - jiffies);

	/*
	 * The timer fires up to two seconds late (the wheel's granularity for
	 * 60 s), and for a moment after the socket became visible it may not
	 * be armed.
	 */
	return jiffies_to_msecs(clamp_t(long, left, 0, TCP_TIMEWAIT_LEN));
}

static void tws_copy_timewait(struct tws_tuple *t, const struct sock *sk)
{
	const struct inet_timewait_sock *tw = inet_twsk(sk);

	t->kind = TWS_KIND_TIMEWAIT;
	t->ts_recent_stamp = READ_ONCE(tcp_twsk(sk)->tw_ts_recent_stamp);
	t->entry_stamp = tws_compat_entry_stamp(tw);
	if (READ_ONCE(tw->tw_substate) == TCP_FIN_WAIT2) {
		t->state = TWS_STATE_FIN_WAIT2;
	} else {
		t->state = TWS_STATE_TIME_WAIT;
		t->left_ms = tws_time_left_ms(tw);
	}
}

static void tws_copy(struct tws_tuple *t, const struct sock *sk, u32 slot)
{
	const int state = READ_ONCE(sk->sk_state);

	t->left_ms = 0;
	t->ts_recent_stamp = 0;
	t->entry_stamp = 0;
	switch (state) {
	case TCP_TIME_WAIT:
		tws_copy_timewait(t, sk);
		break;
	case TCP_NEW_SYN_RECV:
		t->kind = TWS_KIND_REQUEST;
		t->state = TWS_STATE_OTHER;
		break;
	default:
		t->kind = TWS_KIND_FULL;
		t->state = state == TCP_ESTABLISHED ? TWS_STATE_ESTABLISHED :
			   state == TCP_FIN_WAIT2 ? TWS_STATE_FIN_WAIT2 :
						    TWS_STATE_OTHER;
	}
	tws_addresses(sk, &t->local, &t->remote);
	t->dev = READ_ONCE(sk->sk_bound_dev_if);
	t->lport = sk->sk_num;
	t->rport = ntohs(sk->sk_dport);
	t->slot = slot;
}

/*
 * True if @sk was not freed and reused since @hash was read; its copy and its
 * next pointer then belong together. The ends of the chain do not tell this:
 * the object may be back in the same chain, in the place of another one. But it
 * is in no chain for a while, and its new hash is written before it is added to
 * one.
 */
static bool tws_same_use(const struct sock *sk, u32 hash)
{
	bool hashed;

	smp_rmb();	/* read the socket before the checks */
	hashed = READ_ONCE(sk->sk_nulls_node.pprev);
	smp_rmb();	/* if it is in a chain again, see its new hash */
	return hashed && READ_ONCE(sk->sk_hash) == hash;
}

static struct hlist_nulls_node *
tws_first(const struct inet_hashinfo *h, unsigned int slot)
{
	return rcu_dereference_raw(hlist_nulls_first_rcu(&h->ehash[slot].chain));
}

/* The hash of the socket, which tells one use of an object from the next. */
static u32 tws_object_hash(const struct hlist_nulls_node *node)
{
	if (is_a_nulls(node))
		return 0;
	return READ_ONCE(hlist_nulls_entry(node, struct sock,
					   sk_nulls_node)->sk_hash);
}

/* Under RCU. */
static enum tws_read tws_try_slot(struct tws_walk *w, unsigned int slot)
{
	struct hlist_nulls_node *const first = tws_first(w->hashinfo, slot);
	struct hlist_nulls_node *node = first;
	unsigned int nr = w->nr, seen = 0;
	u32 use;

	smp_rmb();	/* the head before its hash */
	use = tws_object_hash(first);
	smp_rmb();	/* its hash before the head is checked */
	if (tws_first(w->hashinfo, slot) != first)
		return TWS_READ_CHANGED;
	smp_rmb();	/* the head before the lock that guards its changes */
	if (spin_is_locked(inet_ehash_lockp(w->hashinfo, slot)))
		return TWS_READ_CHANGED;

	while (!is_a_nulls(node)) {
		struct sock *sk = hlist_nulls_entry(node, struct sock,
						    sk_nulls_node);
		const u32 hash = tws_object_hash(node);

		w->visited++;
		if (++seen > TWS_CHAIN_MAX)
			return TWS_READ_LOCK;
		smp_rmb();	/* its hash before its other fields */
		if (net_eq(sock_net(sk), w->net)) {
			if (nr == w->room)
				return w->nr ? TWS_READ_FULL : TWS_READ_LOCK;
			tws_copy(&w->batch[nr++], sk, slot);
		}
		node = rcu_dereference_raw(hlist_nulls_next_rcu(node));
		if (!tws_same_use(sk, hash))
			return TWS_READ_CHANGED;
	}

	/* Until 6.0 a request socket is deleted before its socket is added. */
	smp_rmb();	/* the chain before its lock is checked again */
	if (spin_is_locked(inet_ehash_lockp(w->hashinfo, slot)))
		return TWS_READ_CHANGED;
	smp_rmb();	/* the lock before the head is checked again */
	if (get_nulls_value(node) != slot ||
	    tws_first(w->hashinfo, slot) != first)
		return TWS_READ_CHANGED;
	smp_rmb();	/* if it is at the head again, see its new hash */
	if (tws_object_hash(first) != use)
		return TWS_READ_CHANGED;

	w->nr = nr;
	return TWS_READ_DONE;
}

/* Under RCU. */
static enum tws_read tws_read_slot(struct tws_walk *w, unsigned int slot)
{
	int tries;

	for (tries = 0; tries < TWS_TRIES; tries++) {
		enum tws_read result = tws_try_slot(w, slot);

		if (result != TWS_READ_CHANGED)
			return result;
		w->retried++;
		cpu_relax();
	}
	return TWS_READ_LOCK;
}

/*
 * Copy what fits of a chain into the empty batch; return how many of its sockets
 * are of the namespace. The end of a chain that is too long is left out.
 */
static unsigned int tws_copy_locked(struct tws_walk *w, unsigned int slot)
{
	spinlock_t *lock = inet_ehash_lockp(w->hashinfo, slot);
	const struct hlist_nulls_node *node;
	unsigned int found = 0, seen = 0;
	struct sock *sk;

	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, &w->hashinfo->ehash[slot].chain) {
		if (++seen > TWS_ENTRIES) {
			w->truncated = true;
			break;
		}
		if (!net_eq(sock_net(sk), w->net))
			continue;
		if (found < w->room)
			tws_copy(&w->batch[found], sk, slot);
		found++;
	}
	spin_unlock_bh(lock);
	return found;
}

static bool tws_grow_batch(struct tws_walk *w, unsigned int room)
{
	struct tws_tuple *batch;

	batch = kvmalloc_array(room, sizeof(*batch), TWS_GFP_ARRAY);
	if (!batch)
		return false;
	kvfree(w->batch);
	w->batch = batch;
	w->room = room;
	return true;
}

/* The batch is empty. */
static void tws_read_slot_locked(struct tws_walk *w, unsigned int slot)
{
	unsigned int growths = 0, found;

	w->locked++;
	for (;;) {
		found = tws_copy_locked(w, slot);
		if (found <= w->room)
			break;
		if (growths++ == TWS_GROWTHS ||
		    !tws_grow_batch(w, found + found / 4)) {
			w->truncated = true;
			found = w->room;
			break;
		}
	}
	w->nr = found;
}

static void tws_flush(struct tws_walk *w)
{
	if (w->nr)
		w->sink(w->ctx, w->batch, w->nr);
	w->nr = 0;
}

/* Fetch the first socket of a later chain from memory meanwhile. */
static void tws_fetch_ahead(const struct inet_hashinfo *h, unsigned int slot)
{
	const struct hlist_nulls_node *node;

	if (slot > h->ehash_mask)
		return;
	node = tws_first(h, slot);
	if (is_a_nulls(node))
		return;
	prefetch(hlist_nulls_entry(node, struct sock, sk_nulls_node));
	prefetch(node);
}

/*
 * Read up to TWS_STRIDE slots, starting at *slot, but no more than TWS_ENTRIES
 * sockets. *slot is then the first one that was not read.
 */
static enum tws_read tws_walk_stride(struct tws_walk *w, unsigned int *slot)
{
	const struct inet_hashinfo *h = w->hashinfo;
	const unsigned int end = min(*slot + TWS_STRIDE, h->ehash_mask + 1);
	enum tws_read result = TWS_READ_DONE;

	w->visited = 0;
	rcu_read_lock();
	for (; *slot < end && w->visited <= TWS_SECTION; ++*slot) {
		tws_fetch_ahead(h, *slot + TWS_AHEAD);
		if (is_a_nulls(tws_first(h, *slot)))
			continue;
		result = tws_read_slot(w, *slot);
		if (result != TWS_READ_DONE)
			break;
	}
	rcu_read_unlock();
	return result;
}

/**
 * tws_walk() - hand every socket of a namespace to a sink, once
 * @w:	the walk; table, namespace, sink and ctx are set, the rest is zero
 *
 * Every socket that is in the table during the whole walk is handed out. One
 * that comes or goes meanwhile may be. No connection is handed out twice,
 * unless it ends and begins again in another slot.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if there is no memory for a batch, or -EINTR if nobody wants
 * it any more.
 */
int tws_walk(struct tws_walk *w)
{
	unsigned int slot = 0;
	int err = 0;

	if (!tws_grow_batch(w, TWS_BATCH))
		return -ENOMEM;

	while (slot <= w->hashinfo->ehash_mask) {
		const u64 start = ktime_get_ns();
		enum tws_read result = tws_walk_stride(w, &slot);

		tws_flush(w);
		if (result == TWS_READ_LOCK) {
			tws_read_slot_locked(w, slot++);
			tws_flush(w);
		}
		w->longest_ns = max(w->longest_ns, ktime_get_ns() - start);
		cond_resched();
		if (tws_unwanted(w->stop)) {
			err = -EINTR;
			break;
		}
	}

	kvfree(w->batch);
	w->batch = NULL;
	return err;
}
