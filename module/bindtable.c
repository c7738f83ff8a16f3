// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the bind table: which ports of a range are in use, and which of
 * these connect() skips. This file and bindchain.c are the only ones that read bind
 * buckets.
 *
 * A chain is read under its own lock where it must be (compat/bindtable.h). No other
 * lock is taken under it (the kernel's order is: bind table, then established table).
 *
 * Without the lock a bucket may be seen before the connect() that made it has said so
 * (inet_hashtables.c:__inet_hash_connect()): then it looks like one of bind(), and its
 * port, which that connection blocks, is not usable for another reason.
 */
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/inet_hashtables.h>

#include "bindchain.h"
#include "bindtable.h"
#include "compat/bindtable.h"
#include "compute/gfp.h"
#include "compute/portmap.h"
#include "compute/stride.h"

/* Buckets in a batch at first; it grows for a longer chain. */
#define TWS_BUCKETS	512

/*
 * inet_hashtables.c:__inet_hash_connect() skips a port whose bucket bind() or
 * listen() has created or joined. In buckets of its own both fields are -1.
 */
static bool tws_is_skipped(const struct inet_bind_bucket *tb)
{
	return READ_ONCE(tb->fastreuse) >= 0 ||
	       READ_ONCE(tb->fastreuseport) >= 0;
}

/**
 * tws_bindwalk_copy() - copy a bucket of a chain into the batch, if there is room
 * @w:		the walk
 * @tb:		the bucket
 * @found:	wanted buckets of the chain so far
 *
 * Return: whether it is wanted.
 */
bool tws_bindwalk_copy(struct tws_bindwalk *w, struct inet_bind_bucket *tb,
		       unsigned int found)
{
	const bool skipped = tws_is_skipped(tb);

	if ((w->skipped_only && !skipped) || !net_eq(ib_net(tb), w->net) ||
	    !tws_in_range(w->range, tb->port))
		return false;
	if (w->nr + found < w->room)
		w->batch[w->nr + found] = (struct tws_used_port){
			.l3mdev = tb->l3mdev,
			.port = tb->port,
			.skipped = skipped,
		};
	return true;
}

/*
 * Copy what fits of a chain into the batch. Return how many of its buckets are wanted; or
 * -EAGAIN, the section may not visit so many entries more; or -E2BIG, no section may.
 */
static int tws_copy_chain(struct tws_bindwalk *w,
			  struct inet_bind_hashbucket *head)
{
	const unsigned int most = TWS_ENTRIES - w->visited;
	struct inet_bind_bucket *tb;
	unsigned int found = 0, seen = 0;

	tws_compat_bind_chain_lock(head);
	hlist_for_each_entry_rcu(tb, &head->chain, node,
				 lockdep_is_held(&head->lock)) {
		if (++seen > most)
			break;
		found += tws_bindwalk_copy(w, tb, found);
	}
	tws_compat_bind_chain_unlock(head);
	w->visited += min(seen, most);
	if (seen <= most)
		return found;
	return most == TWS_ENTRIES ? -E2BIG : -EAGAIN;
}

static int tws_flush_buckets(struct tws_bindwalk *w)
{
	const unsigned int nr = w->nr;

	w->nr = 0;
	return nr ? w->sink(w->ctx, w->batch, nr) : 0;
}

static int tws_grow_buckets(struct tws_bindwalk *w, unsigned int room)
{
	struct tws_used_port *batch;

	batch = kmalloc_array(room, sizeof(*batch), TWS_GFP);
	if (!batch)
		return -ENOMEM;
	kfree(w->batch);
	w->batch = batch;
	w->room = room;
	return 0;
}

/* Make room for a chain that did not fit, as often as it goes on growing. */
static int tws_make_room(struct tws_bindwalk *w)
{
	const unsigned int wanted = w->wanted;
	int err = tws_flush_buckets(w);

	w->wanted = 0;
	if (err || wanted <= w->room)
		return err;
	if (w->growths++ == TWS_GROWTHS)
		return -ENOMEM;
	return tws_grow_buckets(w, wanted + wanted / 4);
}

/* @head is empty. Return it, or one behind it that is empty too, with all between them. */
static noinline struct inet_bind_hashbucket *
tws_skip_empty(struct inet_bind_hashbucket *head, const struct inet_bind_hashbucket *end)
{
	unsigned long any;

	for (; end - head > 4; head += 4) {
		any = (unsigned long)READ_ONCE(head[1].chain.first);
		any |= (unsigned long)READ_ONCE(head[2].chain.first);
		any |= (unsigned long)READ_ONCE(head[3].chain.first);
		any |= (unsigned long)READ_ONCE(head[4].chain.first);
		if (any)
			break;
	}
	return head;
}

/* What was found of a chain stays in the batch. Return false if it had no room there. */
static bool tws_keep_chain(struct tws_bindwalk *w, unsigned int found)
{
	if (w->nr + found > w->room) {
		w->wanted = found;
		return false;
	}
	w->nr += found;
	w->growths = 0;
	return true;
}

/*
 * Read up to TWS_STRIDE chains, starting with the one of the port @i of the range.
 * Return the first port that was not read. Ports that follow each other are
 * in chains that follow each other (inet_hashtables.h:inet_bhashfn()), but for the last
 * chain, which the first one follows.
 */
static u32 tws_bindwalk_stride(struct tws_bindwalk *w, u32 i, u32 nr_chains)
{
	const u32 size = w->hashinfo->bhash_size;
	const u32 first = inet_bhashfn(w->net, w->range->low + i, size);
	struct inet_bind_hashbucket *const begin = &w->hashinfo->bhash[first];
	struct inet_bind_hashbucket *const end =
		begin + min3(TWS_STRIDE, nr_chains - i, size - first);
	struct inet_bind_hashbucket *head, *far = begin + TWS_FEW;
	int found = 0;

	w->visited = 0;
	tws_compat_bind_section_begin();
	for (head = begin; head < end; head++) {
		if (hlist_empty(&head->chain)) {
			if (head == far)
				head = tws_skip_empty(head, end);
			continue;
		}
		far = head + TWS_FEW;
		found = tws_copy_chain(w, head);
		if (found < 0 || !tws_keep_chain(w, found))
			break;
	}
	tws_compat_bind_section_end();
	if (found == -E2BIG && tws_keep_chain(w, tws_bindchain_read(w, head)))
		head++;
	return i + (head - begin);
}

/**
 * tws_bindwalk() - hand the ports in use of a namespace to a sink
 * @w:	the walk; tables, namespace, range, sink and ctx are set
 *
 * The ports of a range are in as many chains, or in all.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -EINTR if nobody wants it any more, or what @sink returned.
 */
int tws_bindwalk(struct tws_bindwalk *w)
{
	const u32 nr_chains = min(tws_range_size(w->range),
				  w->hashinfo->bhash_size);
	u32 next = 0;
	int err;

	w->nr = 0;
	w->wanted = 0;
	w->growths = 0;
	err = tws_grow_buckets(w, TWS_BUCKETS);
	while (!err && next < nr_chains) {
		next = tws_bindwalk_stride(w, next, nr_chains);
		cond_resched();
		if (tws_unwanted(w->stop))
			err = -EINTR;
		else if (w->wanted)
			err = tws_make_room(w);
	}
	if (!err)
		err = tws_flush_buckets(w);

	kfree(w->batch);
	w->batch = NULL;
	return err;
}
