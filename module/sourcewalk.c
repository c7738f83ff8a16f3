// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out how many ports bind() finds: from the bind table to sorted rows. Readers share
 * what is younger than net.tw_summary.cache_ms, as they share snapshots (cache.c).
 */
#include <linux/err.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat/hashinfo.h"
#include "compute/gfp.h"
#include "compute/portmap.h"
#include "compute/scope.h"
#include "costs.h"
#include "net.h"
#include "owners.h"
#include "ports.h"
#include "settings.h"
#include "sourcewalk.h"

static void tws_see_owner(void *table, const struct tws_owner *owner)
{
	tws_sources_see(table, owner);
}

static void tws_judge_owner(void *table, const struct tws_owner *owner)
{
	tws_sources_judge(table, owner);
}

/* Then an address may be missing; the second pass says what that means. */
static void tws_lose_port(void *ctx, u16 port)
{
	struct tws_sources_table *table = ctx;

	table->incomplete = true;
}

static void tws_miss_port(void *table, u16 port)
{
	tws_sources_lost(table, port);
}

/* A bind() call of today, whatever VRF the device was in before. */
static void tws_scope_sources(struct tws_sources_table *table, struct net *net)
{
	struct tws_source_row *row;
	struct tws_scope scope;

	list_for_each_entry(row, &table->rows, list) {
		tws_device_name(row->dev_name, net, row->source.dev);
		if (!row->source.dev)
			continue;
		tws_scope_of(&scope, net, row->source.dev);
		row->source.l3mdev = scope.l3mdev;
	}
}

static int tws_walk_sources(struct tws_sources *sources, struct tws_net *tn,
			    const struct tws_portmap *map)
{
	struct tws_sources_table *table = &sources->table;
	struct tws_ownerwalk walk = {
		.hashinfo = tws_compat_hashinfo(tn->net),
		.net = tn->net,
		.ports = map->open,
		.sink = tws_see_owner,
		.lost = tws_lose_port,
		.ctx = table,
		.stop = &tn->closing,
	};
	int err = tws_ownerwalk(&walk);

	if (err)
		return err;
	tws_sources_choose(table);
	tws_scope_sources(table, tn->net);
	walk.sink = tws_judge_owner;
	walk.lost = tws_miss_port;
	err = tws_ownerwalk(&walk);
	tws_sources_sort(table);
	return err;
}

static void tws_sources_head(struct tws_sources *sources, struct tws_net *tn)
{
	struct tws_thresholds_view view;
	struct tws_settings settings;

	tws_settings_read(tn->net, &settings);
	sources->netns = tn->net->ns.inum;
	sources->range = settings.range;
	sources->autobind_reuse = READ_ONCE(tn->net->ipv4.sysctl_ip_autobind_reuse);
	tws_thresholds_view_get(&view, &tn->thresholds);
	sources->thresholds = view.th;
	tws_thresholds_view_put(&view);
}

static int tws_sources_fill(struct tws_sources *sources, struct tws_net *tn)
{
	struct tws_portmap map;
	int err;

	tws_sources_head(sources, tn);
	err = tws_sources_init(&sources->table, get_random_u32());
	if (err)
		return err;
	err = tws_portmap_init(&map, &sources->range);
	if (!err) {
		tws_portmap_reserve(&map, tn->net);
		tws_portmap_finish(&map);
		sources->reserved = map.nr_reserved;
		sources->open = tws_range_tried(&map.range) - map.nr_reserved;
		err = tws_walk_sources(sources, tn, &map);
	}
	tws_portmap_free(&map);
	sources->taken = ktime_get();
	sources->bytes = sizeof(*sources) + tws_sources_bytes(&sources->table);
	tws_costs_add_bytes(sources->bytes);
	return err;
}

/**
 * tws_sources_put() - drop a reference
 * @sources:	what tws_sources_get() has returned, or NULL
 *
 * Context: process context, may sleep.
 */
void tws_sources_put(struct tws_sources *sources)
{
	if (!sources || !refcount_dec_and_test(&sources->refs))
		return;
	tws_costs_add_bytes(-(s64)sources->bytes);
	tws_sources_free(&sources->table);
	kfree(sources);
}

/* With a reference for the caller, if they are young enough to be shared. */
static struct tws_sources *tws_sources_young(struct tws_sources_cache *cache)
{
	const s64 max_age = tws_cache_ms();
	struct tws_sources *sources;

	spin_lock(&cache->lock);
	sources = cache->latest;
	if (sources && ktime_ms_delta(ktime_get(), sources->taken) < max_age)
		refcount_inc(&sources->refs);
	else
		sources = NULL;
	spin_unlock(&cache->lock);
	return sources;
}

/* Keep them for others, unless there are later ones already. */
static void tws_sources_keep(struct tws_sources_cache *cache, struct tws_sources *sources)
{
	struct tws_sources *old = sources;

	refcount_inc(&sources->refs);
	spin_lock(&cache->lock);
	if (!cache->latest || ktime_after(sources->taken, cache->latest->taken))
		swap(old, cache->latest);
	spin_unlock(&cache->lock);
	tws_sources_put(old);
}

static struct tws_sources *tws_sources_take(struct tws_net *tn)
{
	struct tws_sources *sources = kzalloc(sizeof(*sources), TWS_GFP);
	int err;

	if (!sources)
		return ERR_PTR(-ENOMEM);
	refcount_set(&sources->refs, 1);
	err = tws_sources_fill(sources, tn);
	if (err) {
		tws_sources_put(sources);
		return ERR_PTR(err);
	}
	tws_sources_keep(&tn->sources, sources);
	return sources;
}

/* What a reader looks for, and what he has found. */
struct tws_sources_look {
	struct tws_sources_cache *cache;
	struct tws_sources *sources;
};

static bool tws_sources_look(void *ctx)
{
	struct tws_sources_look *look = ctx;

	look->sources = tws_sources_young(look->cache);
	return look->sources;
}

/**
 * tws_sources_get() - get sources younger than cache_ms
 * @tn:	the namespace; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: sources with a reference for the caller, or ERR_PTR: -ENOMEM, or -EINTR if a
 * fatal signal or the end of the namespace or of the module ended the walk.
 */
struct tws_sources *tws_sources_get(struct tws_net *tn)
{
	struct tws_sources_cache *cache = &tn->sources;
	struct tws_sources_look look = { .cache = cache };
	struct tws_sources *sources;
	u32 claim;
	int err;

	err = tws_claims_wait(&cache->claims, tws_sources_look, &look, &claim);
	if (err < 0)
		return ERR_PTR(err);
	if (look.sources)
		return look.sources;
	sources = tws_sources_take(tn);
	tws_claims_release(&cache->claims, claim);
	return sources;
}

/**
 * tws_sources_cache_init() - prepare an empty cache
 * @cache:	the cache
 */
void tws_sources_cache_init(struct tws_sources_cache *cache)
{
	spin_lock_init(&cache->lock);
	cache->latest = NULL;
	tws_claims_init(&cache->claims);
}

/**
 * tws_sources_cache_drop() - forget the newest ones
 * @cache:	the cache; it has no users any more
 *
 * Context: process context.
 */
void tws_sources_cache_drop(struct tws_sources_cache *cache)
{
	tws_sources_put(cache->latest);
	cache->latest = NULL;
}
