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
#include "compat/kernel.h"
#include "compute/gfp.h"
#include "compute/stride.h"
#include "compute/tuple.h"
#include "copy.h"
#include "walk/section.h"

/* How often a chain that changes is read before its lock is taken. */
#define TWS_TRIES	3u
/*
 * After so many visits no further chain is begun, nor read again: with those that are
 * being read then a section stays below TWS_ENTRIES.
 */
#define TWS_VISITS	(TWS_ENTRIES - TWS_LANES * TWS_CHAIN_MAX)
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

/**
 * struct tws_lanes - the chains that are being read
 * @lane:	one each
 * @order:	the lanes; the first @nr are in use
 * @nr:		how many are in use
 * @voids:	copies in the batch that are no good
 * @found:	chains for those that are not
 */
struct tws_lanes {
	struct tws_lane lane[TWS_LANES];
	struct tws_lane *order[TWS_LANES];
	unsigned int nr;
	unsigned int voids;
	struct tws_found found[TWS_LANES];
};

enum tws_step {
	TWS_STEP_MORE,		/* the chain goes on */
	TWS_STEP_DONE,		/* its sockets are in the batch */
	TWS_STEP_CHANGED,	/* it changed meanwhile: read it again */
	TWS_STEP_LOCK,		/* it must be read under its lock */
};

/* Fetch a socket from memory meanwhile. */
static inline void tws_fetch_socket(const struct hlist_nulls_node *node)
{
	tws_copy_fetch(hlist_nulls_entry(node, struct sock, sk_nulls_node));
}

/* Under RCU. */
static __always_inline enum tws_step tws_step(struct tws_section *s, struct tws_batch *b,
					      struct tws_chain *chain)
{
	const struct sock *sk;

	if (chain->seen == TWS_CHAIN_MAX || b->nr == b->room)
		return TWS_STEP_LOCK;
	if (!tws_chain_enter(chain))
		return TWS_STEP_CHANGED;
	sk = tws_chain_socket(chain);
	if (net_eq(sock_net(sk), s->net))
		tws_copy(&b->tuples[b->nr++], sk, chain->slot, s->now);
	tws_chain_leave(chain);
	if (tws_chain_at_end(chain))
		return tws_chain_unchanged(chain) ?
		       TWS_STEP_DONE : TWS_STEP_CHANGED;
	return TWS_STEP_MORE;
}

/* What the lane has copied of its chain is no good. Return how many copies that are. */
static unsigned int tws_lane_void(const struct tws_lane *lane, struct tws_batch *b)
{
	unsigned int i, voids = 0;

	for (i = lane->from; i < b->nr; i++) {
		struct tws_tuple *t = &b->tuples[i];

		if (t->slot == lane->chain.slot && t->state != TWS_VOID) {
			t->state = TWS_VOID;
			voids++;
		}
	}
	return voids;
}

/* Read the chain again. Return false if it is empty now. */
static bool tws_lane_restart(struct tws_lane *lane, struct tws_section *s,
			     struct tws_batch *b)
{
	struct hlist_nulls_node *first = tws_chain_first(lane->chain.head);

	if (is_a_nulls(first))
		return false;
	tws_chain_start(&lane->chain, s->hashinfo, lane->chain.slot, first);
	lane->from = b->nr;
	tws_fetch_socket(first);
	return true;
}

/* The chain was read in vain. Return false if the lane has nothing to do any more. */
static bool tws_lane_again(struct tws_lanes *lanes, struct tws_lane *lane,
			   struct tws_section *s, struct tws_batch *b,
			   enum tws_step step)
{
	s->visited += lane->chain.seen;
	lanes->voids += tws_lane_void(lane, b);
	if (step == TWS_STEP_CHANGED) {
		s->retried++;
		if (lane->tries++ < TWS_TRIES && s->visited < TWS_VISITS &&
		    tws_lane_restart(lane, s, b))
			return true;
	}
	s->busy[s->nr_busy++] = lane->chain.slot;
	return false;
}

/* A step in each lane. */
static void tws_step_lanes(struct tws_lanes *lanes, struct tws_section *s,
			   struct tws_batch *b)
{
	struct tws_lane **at = lanes->order, **end = at + lanes->nr;

	while (at < end) {
		struct tws_lane *lane = *at;
		const enum tws_step step = tws_step(s, b, &lane->chain);

		if (step == TWS_STEP_MORE) {
			tws_fetch_socket(lane->chain.node);
			at++;
			continue;
		}
		if (step == TWS_STEP_DONE) {
			s->visited += lane->chain.seen;
		} else if (tws_lane_again(lanes, lane, s, b, step)) {
			at++;
			continue;
		}
		end--;
		swap(*at, *end);
	}
	lanes->nr = end - lanes->order;
}

/* Return @slot, or one behind it up to which all slots are empty. */
static unsigned int tws_skip_empty(struct inet_hashinfo *h, unsigned int slot,
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
static unsigned int tws_find_chains(struct tws_lanes *lanes, struct tws_section *s,
				    const struct tws_batch *b)
{
	struct tws_found *found = lanes->found;
	struct tws_found *const last = found + TWS_LANES - lanes->nr;
	struct inet_hashinfo *h = s->hashinfo;
	const unsigned int end = s->end;
	struct hlist_nulls_node *first;
	unsigned int slot = s->slot;

	if (b->nr >= TWS_BATCH || s->visited >= TWS_VISITS)
		return 0;
	for (; found < last && s->nr_busy < TWS_BUSY; slot++) {
		slot = tws_next_in_use(h, slot, end, &first);
		if (slot == end)
			break;
		if (is_a_nulls(first)) {
			/* Perhaps it is empty for a moment only. */
			s->busy[s->nr_busy++] = slot;
			continue;
		}
		tws_fetch_socket(first);
		found->slot = slot;
		found->first = first;
		found++;
	}
	s->slot = slot;
	return found - lanes->found;
}

/*
 * The first step of chains. Most of them end with it: only one that has more sockets, or
 * has changed, gets a lane.
 */
static void tws_begin_chains(struct tws_lanes *lanes, struct tws_section *s,
			     struct tws_batch *b, unsigned int nr)
{
	const struct tws_found *found = lanes->found, *end = found + nr;

	for (; found < end; found++) {
		const unsigned int from = b->nr;
		/* In registers, not zeroed before: CONFIG_INIT_STACK_ALL_ZERO. */
		struct tws_chain chain __uninitialized;
		struct tws_lane *lane;
		enum tws_step step;

		tws_chain_start(&chain, s->hashinfo, found->slot, found->first);
		step = tws_step(s, b, &chain);
		if (step == TWS_STEP_DONE) {
			s->visited++;
			continue;
		}
		lane = lanes->order[lanes->nr];
		tws_chain_move(&lane->chain, &chain);
		lane->from = from;
		lane->tries = 1;
		if (step == TWS_STEP_MORE)
			tws_fetch_socket(lane->chain.node);
		else if (!tws_lane_again(lanes, lane, s, b, step))
			continue;
		lanes->nr++;
	}
}

/* Copies that are no good make room for others, which stay in their order. */
static void tws_drop_voids(struct tws_batch *b)
{
	unsigned int i, kept = 0;

	for (i = 0; i < b->nr; i++) {
		if (b->tuples[i].state == TWS_VOID)
			continue;
		if (kept != i)
			b->tuples[kept] = b->tuples[i];
		kept++;
	}
	b->nr = kept;
}

/**
 * tws_lanes_read() - read the chains of a section, or of its beginning
 * @lanes:	by tws_lanes_new()
 * @s:		the section; @slot is then where to go on, and @busy has the slots that must
 *		be read under their locks
 * @b:		gets the sockets
 */
void tws_lanes_read(struct tws_lanes *lanes, struct tws_section *s, struct tws_batch *b)
{
	unsigned int nr;

	lanes->voids = 0;
	rcu_read_lock();
	do {
		nr = tws_find_chains(lanes, s, b);
		tws_step_lanes(lanes, s, b);
		tws_begin_chains(lanes, s, b, nr);
	} while (nr || lanes->nr);
	rcu_read_unlock();
	if (lanes->voids)
		tws_drop_voids(b);
}

/**
 * tws_lanes_skip() - leave the chains of a section to be read under their locks
 * @s:	the section; @slot is then where to go on, and @busy has the slots in use
 */
void tws_lanes_skip(struct tws_section *s)
{
	struct hlist_nulls_node *first;

	while (s->nr_busy < TWS_BUSY) {
		s->slot = tws_next_in_use(s->hashinfo, s->slot, s->end, &first);
		if (s->slot == s->end)
			break;
		s->busy[s->nr_busy++] = s->slot++;
	}
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
