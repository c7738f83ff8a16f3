// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the bind table: which ports of a range are in use, and which of
 * these connect() skips. This is the only file that reads bind buckets.
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

#include "bindtable.h"
#include "compat/bindtable.h"
#include "compute/gfp.h"
#include "compute/portmap.h"
#include "stride.h"

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

/*
 * Copy what fits of a chain into the batch. Return how many of its buckets are
 * wanted, or -E2BIG: the chain is too long to be held up for.
 */
static int tws_copy_chain(struct tws_bindwalk *w,
			  struct inet_bind_hashbucket *head)
{
	struct inet_bind_bucket *tb;
	unsigned int found = 0, seen = 0;
	bool skipped;

	tws_compat_bind_chain_lock(head);
	hlist_for_each_entry_rcu(tb, &head->chain, node,
				 lockdep_is_held(&head->lock)) {
		if (++seen > TWS_ENTRIES)
			break;
		skipped = tws_is_skipped(tb);
		if ((w->skipped_only && !skipped) || !net_eq(ib_net(tb), w->net) ||
		    !tws_in_range(w->range, tb->port))
			continue;
		if (w->nr + found < w->room)
			w->batch[w->nr + found] = (struct tws_used_port){
				.l3mdev = tb->l3mdev,
				.port = tb->port,
				.skipped = skipped,
			};
		found++;
	}
	tws_compat_bind_chain_unlock(head);
	w->visited += seen;
	return seen > TWS_ENTRIES ? -E2BIG : found;
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

static int tws_read_chain(struct tws_bindwalk *w,
			  struct inet_bind_hashbucket *head)
{
	unsigned int growths = 0;
	int err;

	for (;;) {
		const int found = tws_copy_chain(w, head);

		if (found < 0)
			return found;
		if (w->nr + found <= w->room) {
			w->nr += found;
			return 0;
		}
		err = tws_flush_buckets(w);
		if (!err && found > w->room)
			err = growths++ < TWS_GROWTHS ?
			      tws_grow_buckets(w, found + found / 4) : -ENOMEM;
		if (err)
			return err;
	}
}

/* The first chain in use of those from @i to @end, or @end. */
static u32 tws_next_in_use(const struct inet_bind_hashbucket *chains, u32 first,
			   u32 mask, u32 i, u32 end)
{
	while (i < end && hlist_empty(&chains[(first + i) & mask].chain))
		i++;
	return i;
}

/*
 * Read up to TWS_STRIDE chains, starting with the one of the port @i of the range.
 * Return the first port that was not read, or an error. Ports that follow each other are
 * in chains that follow each other (inet_hashtables.h:inet_bhashfn()).
 */
static int tws_bindwalk_stride(struct tws_bindwalk *w, u32 i, u32 nr_chains)
{
	const u32 mask = w->hashinfo->bhash_size - 1;
	const u32 first = inet_bhashfn(w->net, w->range->low, mask + 1);
	const u32 end = min(i + TWS_STRIDE, nr_chains);
	struct inet_bind_hashbucket *chains = w->hashinfo->bhash;
	int err = 0;

	w->visited = 0;
	while (!err && w->visited < TWS_ENTRIES) {
		i = tws_next_in_use(chains, first, mask, i, end);
		if (i == end)
			break;
		err = tws_read_chain(w, &chains[(first + i) & mask]);
		i++;
	}
	return err ?: i;
}

/**
 * tws_bindwalk() - hand the ports in use of a namespace to a sink
 * @w:	the walk; tables, namespace, range, sink and ctx are set
 *
 * The ports of a range are in as many chains, or in all.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -E2BIG if a chain is longer than TWS_ENTRIES, -EINTR if
 * nobody wants it any more, or what @sink returned.
 */
int tws_bindwalk(struct tws_bindwalk *w)
{
	const u32 nr_chains = min(tws_range_size(w->range),
				  w->hashinfo->bhash_size);
	int next = 0, err;

	w->nr = 0;
	err = tws_grow_buckets(w, TWS_BUCKETS);
	while (!err && next < nr_chains) {
		next = tws_bindwalk_stride(w, next, nr_chains);
		cond_resched();
		if (next < 0)
			err = next;
		else if (tws_unwanted(w->stop))
			err = -EINTR;
	}
	if (!err)
		err = tws_flush_buckets(w);

	kfree(w->batch);
	w->batch = NULL;
	return err;
}
