// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers share a snapshot while it is younger than net.tw_summary.cache_ms. So
 * a user who reads in a loop causes ten snapshots a second, not ten thousand.
 *
 * One reader takes the snapshot that the others wait for (claim.c). The monitor waits for
 * nobody.
 */
#include <linux/err.h>
#include <linux/ktime.h>

#include "cache.h"
#include "costs.h"
#include "held.h"
#include "net.h"
#include "settings.h"
#include "snapshot.h"

/* The newest snapshot with a reference, if it is young enough to be shared. */
static struct tws_snapshot *tws_cache_young(struct tws_cache *cache)
{
	const s64 max_age = tws_cache_ms();
	struct tws_snapshot *snap;

	spin_lock(&cache->lock);
	snap = cache->latest;
	if (snap && ktime_ms_delta(ktime_get(), snap->taken) < max_age)
		tws_snapshot_get(snap);
	else
		snap = NULL;
	spin_unlock(&cache->lock);
	if (snap)
		tws_costs_add_hit();
	return snap;
}

/* Keep a snapshot for others, unless a later one is there already. */
static void tws_cache_keep(struct tws_cache *cache, struct tws_snapshot *snap)
{
	struct tws_snapshot *old = snap;

	tws_snapshot_get(snap);
	spin_lock(&cache->lock);
	if (!cache->latest || ktime_after(snap->taken, cache->latest->taken))
		swap(old, cache->latest);
	spin_unlock(&cache->lock);
	tws_snapshot_put(old);
}

static struct tws_snapshot *tws_cache_take(struct tws_net *tn, const bool *stop)
{
	struct tws_snapshot *snap = tws_snapshot_take(tn, tws_max_rows(), stop);

	if (!IS_ERR(snap))
		tws_cache_keep(&tn->cache, snap);
	return snap;
}

/* What a reader looks for, and what he has found. */
struct tws_cache_look {
	struct tws_cache *cache;
	struct tws_snapshot *snap;
};

static bool tws_cache_find(void *ctx)
{
	struct tws_cache_look *look = ctx;

	look->snap = tws_cache_young(look->cache);
	return look->snap;
}

/**
 * tws_cache_init() - prepare an empty cache
 * @cache:	the cache
 */
void tws_cache_init(struct tws_cache *cache)
{
	spin_lock_init(&cache->lock);
	cache->latest = NULL;
	tws_claims_init(&cache->claims);
}

/**
 * tws_cache_get() - get a snapshot younger than cache_ms, for a reader
 * @tn:	the namespace; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: a snapshot with a reference for the caller, or ERR_PTR: see
 * tws_snapshot_take().
 */
struct tws_snapshot *tws_cache_get(struct tws_net *tn)
{
	struct tws_cache *cache = &tn->cache;
	struct tws_cache_look look = { .cache = cache };
	struct tws_snapshot *snap;
	u32 claim;
	int err;

	err = tws_claims_wait(&cache->claims, tws_cache_find, &look, &claim);
	if (err < 0)
		return ERR_PTR(err);
	if (look.snap)
		return look.snap;
	snap = tws_cache_take(tn, &tn->closing);
	tws_claims_release(&cache->claims, claim);
	return snap;
}

/**
 * tws_cache_renew() - take a snapshot for the monitor, which waits for nobody
 * @tn:		the namespace
 * @stop:	ends the walk; the snapshot is not wanted any more
 *
 * Context: process context, may sleep.
 * Return: see tws_cache_get().
 */
struct tws_snapshot *tws_cache_renew(struct tws_net *tn, const bool *stop)
{
	return tws_cache_young(&tn->cache) ?: tws_cache_take(tn, stop);
}

/**
 * tws_cache_drop() - forget the newest snapshot
 * @cache:	the cache; it has no users any more
 *
 * Context: process context.
 */
void tws_cache_drop(struct tws_cache *cache)
{
	tws_snapshot_put(cache->latest);
	cache->latest = NULL;
}
