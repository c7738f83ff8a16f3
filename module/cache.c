// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers share a snapshot while it is younger than net.tw_summary.cache_ms. So
 * a user who reads in a loop causes ten snapshots a second, not ten thousand.
 *
 * One reader takes the snapshot that the others wait for. It may be stopped in
 * the middle of it (its control group has used up its processor time), and it
 * may be anybody. So if it takes long, one of the others takes another one, and so on.
 * Where many readers fight for a processor, each of them is late: that is no reason for
 * each to take one. The monitor waits for nobody.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "cache.h"
#include "costs.h"
#include "held.h"
#include "net.h"
#include "shared.h"
#include "snapshot.h"

/* After this time one of the readers that wait takes a snapshot beside the other one. */
#define TWS_PATIENCE_MS	100
/* A reader that has waited so often takes one for itself. */
#define TWS_WAITS	10

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

/* Return a number for tws_cache_release(), or 0: another reader takes a snapshot. */
static u32 tws_cache_claim(struct tws_cache *cache)
{
	u32 claim = 0;

	spin_lock(&cache->lock);
	if (!cache->claim ||
	    time_after(jiffies, cache->claimed_at + msecs_to_jiffies(TWS_PATIENCE_MS))) {
		claim = ++cache->claims ?: ++cache->claims;
		WRITE_ONCE(cache->claim, claim);
		cache->claimed_at = jiffies;
	}
	spin_unlock(&cache->lock);
	return claim;
}

static void tws_cache_release(struct tws_cache *cache, u32 claim)
{
	spin_lock(&cache->lock);
	if (cache->claim == claim)
		WRITE_ONCE(cache->claim, 0);
	spin_unlock(&cache->lock);
	wake_up(&cache->news);
}

/* There is a snapshot, or nobody takes one. */
static bool tws_cache_has_news(struct tws_cache *cache, struct tws_snapshot **snap)
{
	*snap = tws_cache_young(cache);
	return *snap || !READ_ONCE(cache->claim);
}

/**
 * tws_cache_init() - prepare an empty cache
 * @cache:	the cache
 */
void tws_cache_init(struct tws_cache *cache)
{
	spin_lock_init(&cache->lock);
	cache->latest = NULL;
	cache->claims = 0;
	cache->claim = 0;
	init_waitqueue_head(&cache->news);
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
	struct tws_snapshot *snap = tws_cache_young(cache);
	unsigned int waits = 0;
	u32 claim = 0;

	while (!snap) {
		claim = tws_cache_claim(cache);
		if (claim || waits++ == TWS_WAITS)
			break;
		if (wait_event_killable_timeout(cache->news,
						tws_cache_has_news(cache, &snap),
						msecs_to_jiffies(TWS_PATIENCE_MS)) < 0)
			return ERR_PTR(-EINTR);
	}
	if (snap)
		return snap;
	snap = tws_cache_take(tn, &tn->closing);
	if (claim)
		tws_cache_release(cache, claim);
	return snap;
}

/**
 * tws_cache_renew() - the same for the monitor, which waits for nobody
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
