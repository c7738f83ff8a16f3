// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads many chains at a time, without their locks.
 *
 * Nearly all of its time a walk waits for memory: the sockets lie anywhere, and a
 * chain says where the next one is only once the one before it has come. So many
 * chains are read at a time. Some are found first, and their first sockets asked for from
 * memory. A chain that has more of them gets a lane: a lane takes a step (chain.h), asks for
 * the next socket, and the others take theirs meanwhile.
 *
 * A chain that changed while it was read is read again. After a few tries, or if it is
 * long, it is left to be read under its lock.
 */
#include <linux/slab.h>

#include "chain.h"
#include "compute/gfp.h"
#include "compute/stride.h"
#include "compute/tuple.h"
#include "copy.h"
#include "lanes.h"
#include "walk.h"

/* How often a chain that changes is read before its lock is taken. */
#define TWS_TRIES	3u
/*
 * After so many visits no further chain is begun, nor read again: with those that are
 * being read then a section stays below TWS_ENTRIES.
 */
#define TWS_VISITS	(TWS_ENTRIES - TWS_LANES * TWS_CHAIN_MAX)
/* The mark of a copy that is no good. */
#define TWS_VOID	U8_MAX

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
		if (lane->tries++ < TWS_TRIES && w->visited < TWS_VISITS &&
		    tws_lane_restart(w, lane))
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

/* Return @slot, or one behind it up to which all slots are empty. */
static noinline unsigned int tws_skip_empty(struct inet_hashinfo *h, unsigned int slot,
					    unsigned int end)
{
	while (slot + 4 <= end && tws_chain_four_empty(h, slot))
		slot += 4;
	return slot;
}

/*
 * The first slot from @slot on that is not empty for sure, or @end. What was read at its
 * head is in @first.
 */
static inline unsigned int tws_next_in_use(struct inet_hashinfo *h, unsigned int slot,
					   unsigned int end,
					   struct hlist_nulls_node **first)
{
	unsigned int some;

	while (slot < end) {
		for (some = min(slot + TWS_FEW, end); slot < some; slot++) {
			*first = tws_chain_first(tws_chain_head(h, slot));
			if (!is_a_nulls(*first) || !tws_chain_stays_empty(h, slot))
				return slot;
		}
		slot = tws_skip_empty(h, slot, end);
	}
	return end;
}

/*
 * Find chains in use for the lanes that are free. Return how many: fewer if the section
 * has no more, or may have no more.
 */
static unsigned int tws_find_chains(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	struct tws_found *found = lanes->found;
	struct tws_found *const last = found + TWS_LANES - lanes->nr;
	struct inet_hashinfo *h = w->hashinfo;
	const unsigned int end = w->end;
	struct hlist_nulls_node *first;
	unsigned int slot = w->slot;

	if (w->nr >= TWS_BATCH || w->visited >= TWS_VISITS)
		return 0;
	for (; found < last && lanes->nr_busy < TWS_BUSY; slot++) {
		slot = tws_next_in_use(h, slot, end, &first);
		if (slot == end)
			break;
		if (is_a_nulls(first)) {
			/* Perhaps it is empty for a moment only. */
			lanes->busy[lanes->nr_busy++] = slot;
			continue;
		}
		tws_fetch(first);
		found->slot = slot;
		found->first = first;
		found++;
	}
	w->slot = slot;
	return found - lanes->found;
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
		const unsigned int from = w->nr;
		struct tws_chain chain;
		struct tws_lane *lane;
		enum tws_step step;

		tws_chain_start(&chain, w->hashinfo, found->slot, found->first);
		step = tws_step(w, &chain);
		if (step == TWS_STEP_DONE) {
			w->visited++;
			continue;
		}
		lane = lanes->order[lanes->nr];
		tws_chain_move(&lane->chain, &chain);
		lane->from = from;
		lane->tries = 1;
		if (step == TWS_STEP_MORE)
			tws_fetch(lane->chain.node);
		else if (!tws_lane_again(w, lane, step))
			continue;
		lanes->nr++;
	}
}

static void tws_read_unlocked(struct tws_walk *w)
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

/* Each chain in use is left to be read under its lock. */
static void tws_read_busy(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	struct hlist_nulls_node *first;

	while (lanes->nr_busy < TWS_BUSY) {
		w->slot = tws_next_in_use(w->hashinfo, w->slot, w->end, &first);
		if (w->slot == w->end)
			break;
		lanes->busy[lanes->nr_busy++] = w->slot++;
	}
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

/**
 * tws_lanes_read() - read the chains of a section, or of its beginning
 * @w:		the walk; @slot to @end is the section
 *
 * The sockets are added to the batch, @slot is where to go on, and the slots that must be
 * read under their locks are in @lanes.
 */
void tws_lanes_read(struct tws_walk *w)
{
	w->lanes->nr_busy = 0;
	if (w->unlocked)
		tws_read_unlocked(w);
	else
		tws_read_busy(w);
	tws_drop_voids(w);
}

/**
 * tws_lanes_new() - make the lanes of a walk
 *
 * Return: the lanes, for kfree(); or NULL.
 */
struct tws_lanes *tws_lanes_new(void)
{
	struct tws_lanes *lanes = kmalloc(sizeof(*lanes), TWS_GFP);
	unsigned int i;

	for (i = 0; lanes && i < TWS_LANES; i++)
		lanes->order[i] = &lanes->lane[i];
	if (lanes)
		lanes->nr = 0;
	return lanes;
}
