// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds out how many ports bind() finds: from the bind table to sorted rows. Readers share
 * them, as they share snapshots (cache.c).
 *
 * An address may have few ports left for bind() where nobody calls it, so that says
 * nothing. Who has called it with port 0 lately is among the callers. What tw_summary says of
 * these addresses is their level; if there are none, the sources are not walked for it.
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "compat/tables.h"
#include "compute/gfp.h"
#include "compute/level.h"
#include "compute/portmap.h"
#include "compute/scope.h"
#include "compute/stride.h"
#include "costs.h"
#include "failures.h"
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
	sources->cached.taken = ktime_get();
	sources->bytes = sizeof(*sources) + tws_sources_bytes(&sources->table);
	tws_costs_add_bytes(sources->bytes);
	return err;
}

static struct tws_sources *tws_sources_of(struct tws_cached *cached)
{
	return container_of(cached, struct tws_sources, cached);
}

static void tws_sources_free_cached(struct tws_cached *cached)
{
	struct tws_sources *sources = tws_sources_of(cached);

	tws_costs_add_bytes(-(s64)sources->bytes);
	tws_sources_free(&sources->table);
	kfree(sources);
}

static struct tws_cached *tws_sources_take(void *tn)
{
	struct tws_sources *sources = kzalloc(sizeof(*sources), TWS_GFP);
	int err;

	if (!sources)
		return ERR_PTR(-ENOMEM);
	tws_cached_init(&sources->cached, tws_sources_free_cached);
	err = tws_sources_fill(sources, tn);
	if (err) {
		tws_sources_put(sources);
		return ERR_PTR(err);
	}
	return &sources->cached;
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
	struct tws_cached *cached = tws_cache_get(&tn->sources, tws_sources_take, tn);

	return IS_ERR(cached) ? ERR_CAST(cached) : tws_sources_of(cached);
}

/**
 * tws_sources_put() - drop a reference
 * @sources:	what tws_sources_get() has returned
 *
 * Context: process context, may sleep.
 */
void tws_sources_put(struct tws_sources *sources)
{
	tws_cached_put(&sources->cached);
}

/* A bind() call is of interest for so long. */
#define TWS_BIND_RECENT_S	600u

static bool tws_is_recent(u32 then_s)
{
	return tws_calls_now_s() - then_s <= TWS_BIND_RECENT_S;
}

static bool tws_is_recent_bind(const struct tws_caller *caller)
{
	return caller->key.pair.dir != TWS_OUT && tws_is_recent(caller->seen_s);
}

/* The level of an address, TWS_LEVEL_OK if it is not known. */
static u8 tws_level_of_source(const struct tws_sources *sources, const struct tws_key *pair)
{
	const struct tws_source_row *row = tws_sources_row(&sources->table, &pair->local,
							   pair->dev);

	if (row->unknown)
		return TWS_LEVEL_OK;
	return tws_level(sources->open, sources->open - row->blocked, &sources->thresholds);
}

static bool tws_bind_level_of(const struct tws_sources *sources,
			      const struct list_head *callers, u8 *level)
{
	const struct tws_caller_copy *copy;
	bool any = false;
	u32 seen = 0;

	*level = TWS_LEVEL_OK;
	list_for_each_entry(copy, callers, list) {
		if (tws_is_recent_bind(&copy->caller)) {
			any = true;
			*level = max(*level, tws_level_of_source(sources,
								 &copy->caller.key.pair));
		}
		tws_rows_resched(seen++);
	}
	return any;
}

/**
 * tws_bind_level() - the worst level of the addresses that were bound to lately
 * @tn:		the namespace; the caller keeps it alive
 * @level:	result, enum tws_level
 *
 * Those for which a bind() with port 0 was sampled, or has found no port, in the last ten
 * minutes.
 *
 * Context: process context, may sleep.
 * Return: false if there was none, or memory is short.
 */
bool tws_bind_level(struct tws_net *tn, u8 *level)
{
	const struct tws_callertable *table = &tn->callers;
	struct tws_sources *sources;
	struct list_head callers;
	u64 forgotten;
	bool known;

	if (!READ_ONCE(table->any_bind) || !tws_is_recent(READ_ONCE(table->last_bind_s)))
		return false;
	known = !tws_callertable_list(&tn->callers, &callers, &forgotten);
	sources = known ? tws_sources_get(tn) : ERR_PTR(-ENOMEM);
	if (!IS_ERR(sources)) {
		known = tws_bind_level_of(sources, &callers, level);
		tws_sources_put(sources);
	} else {
		known = false;
	}
	tws_callertable_unlist(&callers);
	return known;
}
