// SPDX-License-Identifier: GPL-2.0-only
/*
 * The level of those addresses that programs bind to.
 *
 * An address may have few ports left for bind() where nobody calls it, so that says
 * nothing. Who has called it with port 0 lately is among the callers: if nobody has, the
 * sources are not walked.
 */
#include <linux/err.h>
#include <linux/list.h>

#include "bindlevel.h"
#include "compute/level.h"
#include "compute/stride.h"
#include "failures.h"
#include "net.h"
#include "sourcewalk.h"

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
