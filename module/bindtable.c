// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pass over the bind table: which ports of a range are in use, and which of
 * these connect() leaves out. This is the only file that knows bind buckets.
 *
 * Each chain is read under its own lock, briefly: before 7.x a bucket is freed
 * without an RCU grace period. No other lock is taken inside (the kernel's
 * order is bind table, then established table).
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>

#include "bindtable.h"
#include "classify.h"

/* Buckets in a batch to begin with; a longer chain makes it grow. */
#define TWS_BUCKETS	512
/* How often it grows for one chain that goes on growing as well. */
#define TWS_GROWTHS	4
/* Chains between two chances to reschedule, empty or not. */
#define TWS_STRIDE	256

/*
 * inet_hashtables.c:__inet_hash_connect() leaves out a port whose bucket
 * bind() or listen() has made or joined; its own buckets have -1 in both.
 */
static bool tws_is_skipped(const struct inet_bind_bucket *tb)
{
	return tb->fastreuse >= 0 || tb->fastreuseport >= 0;
}

/* Append what fits of a chain to the batch; return how many there were. */
static unsigned int tws_copy_chain(struct tws_bindwalk *w,
				   struct inet_bind_hashbucket *head)
{
	struct inet_bind_bucket *tb;
	unsigned int found = 0;

	spin_lock_bh(&head->lock);
	hlist_for_each_entry(tb, &head->chain, node) {
		if (!net_eq(ib_net(tb), w->net) ||
		    !tws_in_range(w->range, tb->port))
			continue;
		if (w->nr + found < w->room)
			w->batch[w->nr + found] = (struct tws_bucket){
				.l3mdev = tb->l3mdev,
				.port = tb->port,
				.skipped = tws_is_skipped(tb),
			};
		found++;
	}
	spin_unlock_bh(&head->lock);
	return found;
}

static int tws_flush_buckets(struct tws_bindwalk *w)
{
	const unsigned int nr = w->nr;

	w->nr = 0;
	return nr ? w->sink(w->ctx, w->batch, nr) : 0;
}

static int tws_grow_buckets(struct tws_bindwalk *w, unsigned int room)
{
	struct tws_bucket *batch;

	batch = kvmalloc_array(room, sizeof(*batch),
			       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
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
		unsigned int found = tws_copy_chain(w, head);

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
 * @w:	the pass
 *
 * Consecutive ports have consecutive chains (inet_bhashfn()), so the chains of
 * a range are a run of them, or all.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -EINTR on a fatal signal, or what @sink returned.
 */
int tws_bindwalk(struct tws_bindwalk *w)
{
	const u32 size = w->hashinfo->bhash_size;
	const u32 nr_chains = min(tws_range_size(w->range), size);
	u32 i;
	int err;

	w->nr = 0;
	err = tws_grow_buckets(w, TWS_BUCKETS);
	for (i = 0; !err && i < nr_chains; i++) {
		const u32 slot = inet_bhashfn(w->net, w->range->low + i, size);

		err = tws_read_chain(w, &w->hashinfo->bhash[slot]);
		if (i % TWS_STRIDE == TWS_STRIDE - 1) {
			cond_resched();
			if (!err && fatal_signal_pending(current))
				err = -EINTR;
		}
	}
	if (!err)
		err = tws_flush_buckets(w);

	kvfree(w->batch);
	w->batch = NULL;
	return err;
}
