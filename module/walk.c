// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the established/timewait hash table.
 *
 * This is the only file that copies sockets out of that table. (debug_walk.c
 * counts the length of its chains, and listeners.c reads the table of
 * listeners.)
 *
 * Nearly all of its time a walk waits for memory: the sockets lie anywhere, and a
 * chain says where the next one is only once the one before it has come. So many
 * chains are read at a time, each in a lane of its own. A lane takes a step (chain.h),
 * asks for the next socket from memory, and the others take theirs meanwhile.
 *
 * A chain that changed while it was read is read again. After a few tries, or if it is
 * long, it is read under its lock, as /proc/net/tcp reads every chain.
 */
#include <linux/slab.h>

#include "breath.h"
#include "chain.h"
#include "compute/gfp.h"
#include "compute/tuple.h"
#include "copy.h"
#include "stride.h"
#include "walk.h"

/* Chains that are read at a time: as many as a processor waits for at once. */
#define TWS_LANES	24u
/* Longest chain that is read without its lock, foreign sockets included. */
#define TWS_CHAIN_MAX	64u
/* How often a chain that changes is read before its lock is taken. */
#define TWS_TRIES	3u
/* With so many sockets in the batch no further chain is begun ... */
#define TWS_BATCH	1024u
/* ... and those that were begun find room, if they need not be read again. */
#define TWS_BATCH_ROOM	(TWS_BATCH + TWS_LANES * TWS_CHAIN_MAX)
/* A batch of less than half a page is not worth the walk. */
#define TWS_BATCH_LEAST	(PAGE_SIZE / sizeof(struct tws_tuple) / 2)
/*
 * After so many visits no further chain is begun: with those that were begun a section
 * stays below TWS_ENTRIES.
 */
#define TWS_VISITS	(TWS_ENTRIES - TWS_LANES * TWS_CHAIN_MAX * TWS_TRIES)
/* The same for chains that must be read under their lock. */
#define TWS_BUSY	TWS_LANES
/* A section goes over so many slots, most of them empty. */
#define TWS_SECTION	4096u

/* The mark of a copy that is no good. */
#define TWS_VOID	U8_MAX

/* A chain in use, and what was read at its head. */
struct tws_found {
	unsigned int slot;
	struct hlist_nulls_node *first;
};

/* One chain that is being read; its copies are in the batch, from @from on. */
struct tws_lane {
	struct tws_chain chain;
	unsigned int from;
	unsigned int tries;
};

/* All lanes, and what waits for one. */
struct tws_lanes {
	struct tws_lane lane[TWS_LANES];
	/* The first @nr of these are in use. */
	struct tws_lane *order[TWS_LANES];
	unsigned int nr;
	struct tws_found found[TWS_LANES];
	/* Slots that must be read under their lock. */
	u32 busy[TWS_BUSY + TWS_LANES];
	unsigned int nr_busy;
};

enum tws_step {
	TWS_STEP_MORE,		/* the chain goes on */
	TWS_STEP_DONE,		/* its sockets are in the batch */
	TWS_STEP_CHANGED,	/* it changed meanwhile: read it again */
	TWS_STEP_LOCK,		/* it must be read under its lock */
};

/* Fetch a socket from memory meanwhile. */
static inline void tws_fetch(const struct hlist_nulls_node *node)
{
	tws_copy_fetch(hlist_nulls_entry(node, struct sock, sk_nulls_node));
}

/* Under RCU. */
static __always_inline enum tws_step tws_step(struct tws_walk *w, struct tws_chain *chain)
{
	const struct sock *sk;

	if (chain->seen == TWS_CHAIN_MAX || w->nr == w->room)
		return TWS_STEP_LOCK;
	if (!tws_chain_enter(chain))
		return TWS_STEP_CHANGED;
	sk = tws_chain_socket(chain);
	if (net_eq(sock_net(sk), w->net))
		tws_copy(&w->batch[w->nr++], sk, chain->slot, w->now);
	tws_chain_leave(chain);
	if (tws_chain_at_end(chain))
		return tws_chain_unchanged(chain) ?
		       TWS_STEP_DONE : TWS_STEP_CHANGED;
	return TWS_STEP_MORE;
}

/* What the lane has copied of its chain is no good. */
static void tws_lane_void(struct tws_walk *w, struct tws_lane *lane)
{
	unsigned int i;

	for (i = lane->from; i < w->nr; i++) {
		if (w->batch[i].slot == lane->chain.slot &&
		    w->batch[i].state != TWS_VOID) {
			w->batch[i].state = TWS_VOID;
			w->voids++;
		}
	}
}

/* Read the chain again. Return false if it is empty now. */
static bool tws_lane_restart(struct tws_walk *w, struct tws_lane *lane)
{
	struct hlist_nulls_node *first = tws_chain_first(lane->chain.head);

	if (is_a_nulls(first))
		return false;
	tws_chain_start(&lane->chain, w->hashinfo, lane->chain.slot, first);
	lane->from = w->nr;
	tws_fetch(first);
	return true;
}

/* The chain was read in vain. Return false if the lane has nothing to do any more. */
static noinline bool tws_lane_again(struct tws_walk *w, struct tws_lane *lane,
				    enum tws_step step)
{
	struct tws_lanes *lanes = w->lanes;

	w->visited += lane->chain.seen;
	tws_lane_void(w, lane);
	if (step == TWS_STEP_CHANGED) {
		w->retried++;
		if (lane->tries++ < TWS_TRIES && tws_lane_restart(w, lane))
			return true;
	}
	lanes->busy[lanes->nr_busy++] = lane->chain.slot;
	return false;
}

/* A step in each lane. */
static void tws_step_lanes(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	struct tws_lane **at = lanes->order, **end = at + lanes->nr;

	while (at < end) {
		struct tws_lane *lane = *at;
		const enum tws_step step = tws_step(w, &lane->chain);

		if (step == TWS_STEP_MORE) {
			tws_fetch(lane->chain.node);
			at++;
			continue;
		}
		if (step == TWS_STEP_DONE) {
			w->visited += lane->chain.seen;
		} else if (tws_lane_again(w, lane, step)) {
			at++;
			continue;
		}
		end--;
		swap(*at, *end);
	}
	lanes->nr = end - lanes->order;
}

/* Whether a slot is not empty for sure. What was read at its head is in @first. */
static inline bool tws_in_use(struct inet_hashinfo *h, unsigned int slot,
			      struct hlist_nulls_node **first)
{
	*first = tws_chain_first(tws_chain_head(h, slot));
	return !is_a_nulls(*first) || !tws_chain_stays_empty(h, slot);
}

/*
 * Find chains in use for the lanes that are free. Return how many: fewer if the section
 * has no more, or may have no more.
 */
static unsigned int tws_find_chains(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	const unsigned int most = TWS_LANES - lanes->nr, end = w->end;
	struct inet_hashinfo *h = w->hashinfo;
	unsigned int slot = w->slot, nr = 0;
	struct hlist_nulls_node *first;

	if (w->nr >= TWS_BATCH || w->visited >= TWS_VISITS)
		return 0;
	for (; slot < end && nr < most && lanes->nr_busy < TWS_BUSY; slot++) {
		if (!tws_in_use(h, slot, &first))
			continue;
		if (is_a_nulls(first)) {
			/* Perhaps it is empty for a moment only. */
			lanes->busy[lanes->nr_busy++] = slot;
			continue;
		}
		tws_fetch(first);
		lanes->found[nr].slot = slot;
		lanes->found[nr].first = first;
		nr++;
	}
	w->slot = slot;
	return nr;
}

/*
 * The first step of chains. Most of them end with it: only one that has more sockets, or
 * has changed, gets a lane.
 */
static void tws_begin_chains(struct tws_walk *w, unsigned int nr)
{
	struct tws_lanes *lanes = w->lanes;
	const struct tws_found *found = lanes->found, *end = found + nr;

	for (; found < end; found++) {
		struct tws_lane *lane = lanes->order[lanes->nr];
		enum tws_step step;

		tws_chain_start(&lane->chain, w->hashinfo, found->slot, found->first);
		lane->from = w->nr;
		step = tws_step(w, &lane->chain);
		if (step == TWS_STEP_DONE) {
			w->visited++;
			continue;
		}
		lane->tries = 1;
		if (step == TWS_STEP_MORE)
			tws_fetch(lane->chain.node);
		else if (!tws_lane_again(w, lane, step))
			continue;
		lanes->nr++;
	}
}

static void tws_read_lanes(struct tws_walk *w)
{
	unsigned int nr;

	rcu_read_lock();
	do {
		nr = tws_find_chains(w);
		tws_step_lanes(w);
		tws_begin_chains(w, nr);
	} while (nr || w->lanes->nr);
	rcu_read_unlock();
}

/* Where lanes are of no use, each chain in use is read under its lock. */
static void tws_read_busy(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	struct hlist_nulls_node *first;

	for (; w->slot < w->end && lanes->nr_busy < TWS_BUSY; w->slot++)
		if (tws_in_use(w->hashinfo, w->slot, &first))
			lanes->busy[lanes->nr_busy++] = w->slot;
}

/* Copies that are no good make room for others, which stay in their order. */
static void tws_drop_voids(struct tws_walk *w)
{
	unsigned int i, kept = 0;

	for (i = 0; w->voids && i < w->nr; i++) {
		if (w->batch[i].state == TWS_VOID)
			continue;
		if (kept != i)
			w->batch[kept] = w->batch[i];
		kept++;
	}
	if (w->voids)
		w->nr = kept;
	w->voids = 0;
}

static void tws_flush(struct tws_walk *w)
{
	tws_breathe(w->breath);
	if (w->nr)
		w->sink(w->ctx, w->batch, w->nr);
	w->nr = 0;
}

/*
 * Add what fits of a chain to the batch; return how many of its sockets
 * are of the namespace. The end of a chain that is too long is left out.
 */
static unsigned int tws_copy_locked(struct tws_walk *w, unsigned int slot)
{
	spinlock_t *lock = inet_ehash_lockp(w->hashinfo, slot);
	const unsigned long now = jiffies;
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
		if (w->nr + found < w->room)
			tws_copy(&w->batch[w->nr + found], sk, slot, now);
		found++;
	}
	spin_unlock_bh(lock);
	return found;
}

static bool tws_grow_batch(struct tws_walk *w, unsigned int room)
{
	struct tws_tuple *batch;

	batch = kmalloc_array(room, sizeof(*batch), TWS_GFP);
	if (!batch)
		return false;
	kfree(w->batch);
	w->batch = batch;
	w->room = room;
	return true;
}

/* All of a chain goes into one batch, alone if it must be. */
static void tws_read_locked(struct tws_walk *w, unsigned int slot)
{
	unsigned int growths = 0, found;

	w->locked++;
	for (;;) {
		found = tws_copy_locked(w, slot);
		tws_breathe(w->breath);
		if (w->nr + found <= w->room) {
			w->nr += found;
			return;
		}
		if (w->nr) {
			tws_flush(w);
			continue;
		}
		if (growths++ == TWS_GROWTHS ||
		    !tws_grow_batch(w, min(found + found / 4, TWS_ENTRIES))) {
			w->truncated = true;
			w->nr = w->room;
			return;
		}
	}
}

static void tws_walk_section(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	unsigned int i;

	w->end = min(w->slot + TWS_SECTION, w->hashinfo->ehash_mask + 1);
	w->visited = 0;
	w->now = jiffies;
	lanes->nr_busy = 0;
	if (TWS_CHAIN_UNLOCKED)
		tws_read_lanes(w);
	else
		tws_read_busy(w);
	tws_drop_voids(w);
	for (i = 0; i < lanes->nr_busy; i++)
		tws_read_locked(w, lanes->busy[i]);
	tws_flush(w);
}

static struct tws_lanes *tws_new_lanes(void)
{
	struct tws_lanes *lanes = kmalloc(sizeof(*lanes), TWS_GFP);
	unsigned int i;

	for (i = 0; lanes && i < TWS_LANES; i++)
		lanes->order[i] = &lanes->lane[i];
	if (lanes)
		lanes->nr = 0;
	return lanes;
}

/* A batch is in one piece: if memory has none so large, a smaller one must do. */
static bool tws_first_batch(struct tws_walk *w)
{
	unsigned int room = w->most ?: TWS_BATCH_ROOM;

	while (!tws_grow_batch(w, room)) {
		room /= 2;
		if (room < TWS_BATCH_LEAST)
			return false;
	}
	return true;
}

static int tws_walk_begin(struct tws_walk *w)
{
	w->lanes = tws_new_lanes();
	return w->lanes && tws_first_batch(w) ? 0 : -ENOMEM;
}

static void tws_walk_end(struct tws_walk *w)
{
	kfree(w->batch);
	kfree(w->lanes);
	w->batch = NULL;
}

/**
 * tws_walk() - hand every socket of a namespace to a sink, once
 * @w:	the walk; table, namespace, sink and ctx are set, the rest is zero
 *
 * Every socket that is in the table during the whole walk is handed out. One
 * that comes or goes meanwhile may be. No connection is handed out twice,
 * unless it ends and begins again in another slot. The sockets of a slot are in one
 * batch, in the order of their chain; those of other slots may be between them.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if there is no memory for a batch, or -EINTR if nobody wants
 * it any more.
 */
int tws_walk(struct tws_walk *w)
{
	int err = tws_walk_begin(w);

	while (!err && w->slot <= w->hashinfo->ehash_mask) {
		tws_walk_section(w);
		if (tws_unwanted(w->stop))
			err = -EINTR;
	}
	tws_walk_end(w);
	return err;
}
