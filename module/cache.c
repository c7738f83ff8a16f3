// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers share what is younger than net.tw_summary.cache_ms. So a user who reads in a loop
 * causes ten walks a second, not ten thousand.
 *
 * One reader takes what the others wait for. He may be stopped in the middle of it (his
 * control group has used up its processor time), and he may be anybody. So if it takes long,
 * one of the others takes another one, and so on. Where many readers fight for a processor,
 * each of them is late: that is no reason for each to take one.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "cache.h"
#include "settings.h"

/* After this time one of the readers that wait takes one beside the other one. */
#define TWS_PATIENCE_MS	100
/* A reader that has waited so often takes one for himself. */
#define TWS_WAITS	10

/**
 * tws_cached_init() - the first reference, which is the caller's
 * @cached:	something new
 * @free:	see &struct tws_cached
 */
void tws_cached_init(struct tws_cached *cached, void (*free)(struct tws_cached *cached))
{
	refcount_set(&cached->refs, 1);
	cached->free = free;
}

/**
 * tws_cached_put() - drop a reference
 * @cached:	what it is a reference of, or NULL
 *
 * Context: process context, may sleep.
 */
void tws_cached_put(struct tws_cached *cached)
{
	if (cached && refcount_dec_and_test(&cached->refs))
		cached->free(cached);
}

void tws_cache_init(struct tws_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
	spin_lock_init(&cache->lock);
	init_waitqueue_head(&cache->news);
}

/**
 * tws_cache_end() - forget the newest one
 * @cache:	the cache; it has no users any more
 *
 * Context: process context, may sleep.
 */
void tws_cache_end(struct tws_cache *cache)
{
	tws_cached_put(cache->latest);
	cache->latest = NULL;
}

/**
 * tws_cache_young() - get the newest one, if it is young enough to be shared
 * @cache:	the cache
 *
 * Return: with a reference for the caller, or NULL.
 */
struct tws_cached *tws_cache_young(struct tws_cache *cache)
{
	const s64 max_age = tws_cache_ms();
	struct tws_cached *cached;

	spin_lock(&cache->lock);
	cached = cache->latest;
	if (cached && ktime_ms_delta(ktime_get(), cached->taken) < max_age)
		refcount_inc(&cached->refs);
	else
		cached = NULL;
	spin_unlock(&cache->lock);
	return cached;
}

/**
 * tws_cache_keep() - keep something for others, unless there is a later one already
 * @cache:	the cache, which takes a reference of its own
 * @cached:	what is kept
 *
 * Context: process context, may sleep.
 */
void tws_cache_keep(struct tws_cache *cache, struct tws_cached *cached)
{
	struct tws_cached *old = cached;

	refcount_inc(&cached->refs);
	spin_lock(&cache->lock);
	if (!cache->latest || ktime_after(cached->taken, cache->latest->taken))
		swap(old, cache->latest);
	spin_unlock(&cache->lock);
	tws_cached_put(old);
}

/* Return a number for tws_cache_release(), or 0: another reader takes the next one now. */
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

/* Whoever waits may look again. */
static void tws_cache_release(struct tws_cache *cache, u32 claim)
{
	if (!claim)
		return;
	spin_lock(&cache->lock);
	if (cache->claim == claim)
		WRITE_ONCE(cache->claim, 0);
	spin_unlock(&cache->lock);
	wake_up(&cache->news);
}

/* There is one, or nobody takes one. */
static bool tws_cache_has_news(struct tws_cache *cache, struct tws_cached **found)
{
	*found = tws_cache_young(cache);
	return *found || !READ_ONCE(cache->claim);
}

/*
 * Wait for one, or be the one who takes it. @claim is for tws_cache_release() then, 0 if that
 * is not needed. Return 0, or -EINTR.
 */
static int tws_cache_wait(struct tws_cache *cache, struct tws_cached **found, u32 *claim)
{
	unsigned int waits = 0;

	*claim = 0;
	*found = tws_cache_young(cache);
	while (!*found) {
		*claim = tws_cache_claim(cache);
		if (*claim || waits++ == TWS_WAITS)
			break;
		if (wait_event_killable_timeout(cache->news, tws_cache_has_news(cache, found),
						msecs_to_jiffies(TWS_PATIENCE_MS)) < 0)
			return -EINTR;
	}
	return 0;
}

/**
 * tws_cache_get() - get one younger than cache_ms, for a reader
 * @cache:	the cache
 * @take:	takes a new one: with a reference for the caller, or ERR_PTR
 * @ctx:	its argument
 *
 * Context: process context, may sleep.
 * Return: with a reference for the caller, or ERR_PTR: -EINTR, or what @take returned.
 */
struct tws_cached *tws_cache_get(struct tws_cache *cache,
				 struct tws_cached *(*take)(void *ctx), void *ctx)
{
	struct tws_cached *cached;
	u32 claim;
	int err = tws_cache_wait(cache, &cached, &claim);

	if (err)
		return ERR_PTR(err);
	if (cached)
		return cached;
	cached = take(ctx);
	if (!IS_ERR(cached))
		tws_cache_keep(cache, cached);
	tws_cache_release(cache, claim);
	return cached;
}
