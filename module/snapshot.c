// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who gets a snapshot, and how long it lives.
 *
 * Readers share the newest one (cache.c). The monitor waits for nobody.
 *
 * A snapshot lives as long as somebody has a reference: an open file, the cache. But
 * a user may open thousands of files and leave them open, and each may have a
 * snapshot of its own. So only the newest ones of a namespace keep their rows.
 * Somebody who looks at rows says so, and then they stay meanwhile.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "compute/gfp.h"
#include "costs.h"
#include "net.h"
#include "snapshot.h"

/* Snapshots of a namespace that keep their rows. */
#define TWS_FULL_MAX	64

/*
 * Guards @full of namespaces and the private fields of snapshots. It is not one of each
 * namespace, because a file of debugfs may have snapshots of one that has ended.
 */
static DEFINE_SPINLOCK(tws_snapshots_lock);

static void tws_drop_rows(struct tws_snapshot *snap)
{
	tws_costs_add_bytes(-(s64)snap->bytes);
	snap->bytes = 0;
	tws_summary_free(&snap->summary);
}

static struct tws_snapshot *tws_snapshot_of(struct tws_cached *cached)
{
	return container_of(cached, struct tws_snapshot, cached);
}

static void tws_snapshot_free(struct tws_cached *cached)
{
	struct tws_snapshot *snap = tws_snapshot_of(cached);

	spin_lock(&tws_snapshots_lock);
	if (!list_empty(&snap->list)) {
		list_del(&snap->list);
		snap->of->nr_full--;
	}
	spin_unlock(&tws_snapshots_lock);
	tws_drop_rows(snap);
	kfree(snap);
}

/**
 * tws_snapshot_put() - drop a reference
 * @snap:	a snapshot, or NULL
 *
 * Context: process context, may sleep.
 */
void tws_snapshot_put(struct tws_snapshot *snap)
{
	if (snap)
		tws_cached_put(&snap->cached);
}

/**
 * tws_snapshot_use() - begin to look at the rows
 * @snap:	a snapshot that the caller has a reference of
 *
 * Return: true, and then tws_snapshot_unuse() must follow; false if the rows are gone.
 */
bool tws_snapshot_use(struct tws_snapshot *snap)
{
	bool there;

	spin_lock(&tws_snapshots_lock);
	there = !snap->gone;
	snap->users += there;
	spin_unlock(&tws_snapshots_lock);
	return there;
}

/**
 * tws_snapshot_unuse() - the rows are looked at no more
 * @snap:	the snapshot; the caller still has its reference
 *
 * Context: process context, may sleep.
 */
void tws_snapshot_unuse(struct tws_snapshot *snap)
{
	bool drop;

	spin_lock(&tws_snapshots_lock);
	drop = !--snap->users && snap->gone;
	spin_unlock(&tws_snapshots_lock);
	if (drop)
		tws_drop_rows(snap);
}

/*
 * Under the lock. Take the oldest snapshot from the list. Return it with a reference if
 * its rows are to be dropped now: nobody uses them, and nobody is freeing it.
 */
static struct tws_snapshot *tws_snapshots_evict(struct tws_snapshots *snaps)
{
	struct tws_snapshot *oldest =
		list_first_entry(&snaps->full, struct tws_snapshot, list);

	list_del_init(&oldest->list);
	snaps->nr_full--;
	oldest->gone = true;
	if (oldest->users || !refcount_inc_not_zero(&oldest->cached.refs))
		return NULL;
	return oldest;
}

/* Keep the rows of a new snapshot, and let those of the oldest go if there are many. */
static void tws_snapshots_add(struct tws_snapshots *snaps, struct tws_snapshot *snap)
{
	struct tws_snapshot *oldest = NULL;

	snap->of = snaps;
	spin_lock(&tws_snapshots_lock);
	list_add_tail(&snap->list, &snaps->full);
	if (++snaps->nr_full > TWS_FULL_MAX)
		oldest = tws_snapshots_evict(snaps);
	spin_unlock(&tws_snapshots_lock);
	if (!oldest)
		return;
	tws_drop_rows(oldest);
	tws_snapshot_put(oldest);
}

/**
 * tws_snapshot_take() - take a snapshot of a namespace that is not shared
 * @tn:		the namespace; the caller keeps it alive
 * @stop:	ends it soon if it becomes true; or NULL
 *
 * Context: process context, may sleep.
 * Return: a snapshot with one reference, or ERR_PTR: see tws_summary_fill().
 */
struct tws_snapshot *tws_snapshot_take(struct tws_net *tn, const bool *stop)
{
	struct tws_snapshot *snap = kzalloc(sizeof(*snap), TWS_GFP);
	int err;

	if (!snap)
		return ERR_PTR(-ENOMEM);
	tws_cached_init(&snap->cached, tws_snapshot_free);
	INIT_LIST_HEAD(&snap->list);
	err = tws_summary_fill(&snap->summary, tn, stop);
	snap->cached.taken = ktime_get();
	snap->bytes = sizeof(*snap) + tws_summary_bytes(&snap->summary);
	tws_costs_add_bytes(snap->bytes);
	if (err) {
		tws_snapshot_put(snap);
		return ERR_PTR(err);
	}
	tws_snapshots_add(&tn->snapshots, snap);
	return snap;
}

/* A reader's namespace, and whether he has taken a snapshot of it himself. */
struct tws_snapshot_reader {
	struct tws_net *tn;
	bool took;
};

static struct tws_cached *tws_snapshot_take_to_share(void *ctx)
{
	struct tws_snapshot_reader *reader = ctx;
	struct tws_snapshot *snap = tws_snapshot_take(reader->tn, &reader->tn->closing);

	reader->took = true;
	return IS_ERR(snap) ? ERR_CAST(snap) : &snap->cached;
}

/**
 * tws_snapshot_get() - get a snapshot younger than cache_ms, for a reader
 * @tn:	the namespace; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: a snapshot with a reference for the caller, or ERR_PTR: see
 * tws_snapshot_take().
 */
struct tws_snapshot *tws_snapshot_get(struct tws_net *tn)
{
	struct tws_snapshot_reader reader = { .tn = tn };
	struct tws_cached *cached = tws_cache_get(&tn->snapshots.cache,
						  tws_snapshot_take_to_share, &reader);

	if (IS_ERR(cached))
		return ERR_CAST(cached);
	if (!reader.took)
		tws_costs_add_hit();
	return tws_snapshot_of(cached);
}

/**
 * tws_snapshot_renew() - get a snapshot for the monitor, which waits for nobody
 * @tn:		the namespace
 * @stop:	ends the walk; the snapshot is not wanted any more
 *
 * Context: process context, may sleep.
 * Return: see tws_snapshot_get().
 */
struct tws_snapshot *tws_snapshot_renew(struct tws_net *tn, const bool *stop)
{
	struct tws_cache *cache = &tn->snapshots.cache;
	struct tws_cached *young = tws_cache_young(cache);
	struct tws_snapshot *snap;

	if (young) {
		tws_costs_add_hit();
		return tws_snapshot_of(young);
	}
	snap = tws_snapshot_take(tn, stop);
	if (!IS_ERR(snap))
		tws_cache_keep(cache, &snap->cached);
	return snap;
}

void tws_snapshots_init(struct tws_snapshots *snaps)
{
	tws_cache_init(&snaps->cache);
	INIT_LIST_HEAD(&snaps->full);
	snaps->nr_full = 0;
}

/**
 * tws_snapshots_end() - the namespace ends, the snapshots that somebody has do not
 * @snaps:	its snapshots; nobody takes any more
 *
 * Context: process context, may sleep.
 */
void tws_snapshots_end(struct tws_snapshots *snaps)
{
	struct tws_snapshot *snap, *next;

	tws_cache_end(&snaps->cache);
	spin_lock(&tws_snapshots_lock);
	list_for_each_entry_safe(snap, next, &snaps->full, list)
		list_del_init(&snap->list);
	spin_unlock(&tws_snapshots_lock);
}
