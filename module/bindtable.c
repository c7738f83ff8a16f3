// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the bind table: which ports of a range are in use, and which of
 * these connect() skips. This is the only file that reads bind buckets.
 *
 * Each chain is read under its own lock: before 7.x a bucket is freed
 * without an RCU grace period. No other lock is taken under it (the kernel's
 * order is: bind table, then established table).
 */
#include <linux/mm.h>
#include <net/inet_hashtables.h>

#include "bindtable.h"
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
	return tb->fastreuse >= 0 || tb->fastreuseport >= 0;
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

	spin_lock_bh(&head->lock);
	hlist_for_each_entry(tb, &head->chain, node) {
		if (++seen > TWS_ENTRIES)
			break;
		if (!net_eq(ib_net(tb), w->net) ||
		    !tws_in_range(w->range, tb->port))
			continue;
		if (w->nr + found < w->room)
			w->batch[w->nr + found] = (struct tws_used_port){
				.l3mdev = tb->l3mdev,
				.port = tb->port,
				.skipped = tws_is_skipped(tb),
			};
		found++;
	}
	spin_unlock_bh(&head->lock);
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

	batch = kvmalloc_array(room, sizeof(*batch), TWS_GFP_ARRAY);
	if (!batch)
		return -ENOMEM;
	kvfree(w->batch);
	w->batch = batch;
	w->room = room;
	return 0;
}

static int tws_read_chain(struct tws_bindwalk *w,
			  struct inet_bind_hashbucket *head)
{
	unsigned int growths = 0;
	int err;

	if (hlist_empty(&head->chain))
		return 0;
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

/**
 * tws_bindwalk() - hand the ports in use of a namespace to a sink
 * @w:	the walk; tables, namespace, range, sink and ctx are set
 *
 * Ports that follow each other are in chains that follow each other
 * (inet_bhashfn()). So the ports of a range are in as many chains, or in all.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -E2BIG if a chain is longer than TWS_ENTRIES, -EINTR if
 * nobody wants it any more, or what @sink returned.
 */
int tws_bindwalk(struct tws_bindwalk *w)
{
	const u32 size = w->hashinfo->bhash_size;
	const u32 nr_chains = min(tws_range_size(w->range), size);
	u32 i;
	int err;

	w->nr = 0;
	w->visited = 0;
	err = tws_grow_buckets(w, TWS_BUCKETS);
	for (i = 0; !err && i < nr_chains; i++) {
		const u32 slot = inet_bhashfn(w->net, w->range->low + i, size);

		err = tws_read_chain(w, &w->hashinfo->bhash[slot]);
		if (i % TWS_STRIDE == TWS_STRIDE - 1 ||
		    w->visited >= TWS_ENTRIES) {
			w->visited = 0;
			cond_resched();
			if (!err && tws_unwanted(w->stop))
				err = -EINTR;
		}
	}
	if (!err)
		err = tws_flush_buckets(w);

	kvfree(w->batch);
	w->batch = NULL;
	return err;
}
