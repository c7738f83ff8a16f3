// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the levels of destinations with those in the snapshot before, and
 * reports the changes.
 */
#include <linux/bsearch.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "event.h"
#include "gfp.h"
#include "levels.h"
#include "sort.h"
#include "stride.h"
#include "table.h"

/* Destinations without a row whose level is remembered. */
#define TWS_UNSEEN_MAX	4096u

static int tws_known_level_cmp(const void *a, const void *b)
{
	const struct tws_known_level *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static int tws_known_level_key_cmp(const void *key, const void *known)
{
	return memcmp(key, &((const struct tws_known_level *)known)->key,
		      sizeof(struct tws_key));
}

static struct tws_known_level *tws_levels_find(const struct tws_levels *levels,
					       const struct tws_key *key)
{
	if (!levels->nr)
		return NULL;
	return bsearch(key, levels->known, levels->nr, sizeof(*levels->known),
		       tws_known_level_key_cmp);
}

static void tws_tell(const struct tws_levels_sink *sink,
		     const struct tws_row *row, enum tws_level old,
		     enum tws_level now)
{
	const struct tws_outlook *outlook = &row->outlook;
	const struct tws_event event = {
		.key = &row->key,
		.dev_name = row->dev_name,
		.old_level = old,
		.new_level = now,
		.shown = true,
		.use_permille = tws_use_permille(outlook->usable,
						 outlook->free),
		.usable = outlook->usable,
		.free = outlook->free,
		.timewait = row->count[TWS_STATE_TIME_WAIT],
		.closes_10s = tws_closes_10s(row->age),
		.full_ms = outlook->full_ms,
	};

	sink->changed(sink->ctx, &event);
}

static void tws_tell_unseen(const struct tws_levels_sink *sink,
			    const struct tws_known_level *known,
			    enum tws_level now)
{
	const struct tws_event event = {
		.key = &known->key,
		.dev_name = "",
		.old_level = known->level,
		.new_level = now,
		.full_ms = TWS_NEVER,
	};

	sink->changed(sink->ctx, &event);
}

/* A level that is not known counts as unchanged. */
static enum tws_level tws_level_now(const struct tws_row *row,
				    enum tws_level old, u32 hysteresis)
{
	const struct tws_outlook *outlook = &row->outlook;

	if (!outlook->known)
		return old;
	return tws_level_next(old, outlook->usable, outlook->free,
			      &outlook->th, hysteresis);
}

/* Destinations above TWS_LEVEL_OK, before and now: at most so many. */
static u32 tws_levels_room(const struct tws_levels *levels,
			   const struct tws_levels_look *look)
{
	const struct tws_row *row;
	u32 room = 0, seen = 0;

	list_for_each_entry(row, look->rows, list) {
		if (row->key.dir != TWS_OUT)
			break;
		if (row->outlook.level != TWS_LEVEL_OK ||
		    tws_levels_find(levels, &row->key))
			room++;
		tws_rows_resched(seen++);
	}
	if (look->unseen_level != TWS_LEVEL_OK)
		room += min(levels->nr, TWS_UNSEEN_MAX);
	return room;
}

static void tws_levels_keep(struct tws_levels *levels,
			    const struct tws_key *key, enum tws_level level)
{
	if (level != TWS_LEVEL_OK)
		levels->known[levels->nr++] = (struct tws_known_level){
			.key = *key, .level = level };
}

static void tws_compare_row(struct tws_levels *next, struct tws_levels *levels,
			    const struct tws_row *row, u32 hysteresis,
			    const struct tws_levels_sink *sink)
{
	struct tws_known_level *before = tws_levels_find(levels, &row->key);
	const enum tws_level old = before ? before->level : TWS_LEVEL_OK;
	const enum tws_level now = tws_level_now(row, old, hysteresis);

	if (now != old)
		tws_tell(sink, row, old, now);
	if (before)
		before->level = TWS_LEVEL_OK;	/* has a row */
	tws_levels_keep(next, &row->key, now);
}

/* Those without a row: they have no socket any more, or they are hidden. */
static void tws_compare_unseen(struct tws_levels *next,
			       const struct tws_levels *levels,
			       enum tws_level unseen_level,
			       const struct tws_levels_sink *sink)
{
	u32 kept = 0, i;

	for (i = 0; i < levels->nr; i++) {
		const struct tws_known_level *known = &levels->known[i];
		enum tws_level now = min_t(enum tws_level, known->level,
					   unseen_level);

		if (known->level == TWS_LEVEL_OK)
			continue;
		if (now != TWS_LEVEL_OK && kept++ >= TWS_UNSEEN_MAX)
			now = TWS_LEVEL_OK;
		if (now != known->level)
			tws_tell_unseen(sink, known, now);
		tws_levels_keep(next, &known->key, now);
	}
}

/**
 * tws_levels_update() - compare with a new snapshot
 * @levels:	the levels before; replaced by the new ones
 * @look:	the snapshot
 * @sink:	is told of each change
 *
 * Context: may sleep and allocate; @sink is called with no lock held.
 * Return: 0, or -ENOMEM; then @levels is unchanged and nothing was reported.
 */
int tws_levels_update(struct tws_levels *levels,
		      const struct tws_levels_look *look,
		      const struct tws_levels_sink *sink)
{
	const u32 room = tws_levels_room(levels, look);
	struct tws_levels next = {};
	const struct tws_row *row;
	u32 seen = 0;

	if (room) {
		next.known = kvmalloc_array(room, sizeof(*next.known),
					    TWS_GFP_ARRAY);
		if (!next.known)
			return -ENOMEM;
	}
	list_for_each_entry(row, look->rows, list) {
		if (row->key.dir != TWS_OUT)
			break;
		tws_compare_row(&next, levels, row, look->hysteresis, sink);
		tws_rows_resched(seen++);
	}
	tws_compare_unseen(&next, levels, look->unseen_level, sink);
	if (next.nr)
		tws_sort(next.known, next.nr, sizeof(*next.known),
			 tws_known_level_cmp);
	kvfree(levels->known);
	*levels = next;
	return 0;
}

/**
 * tws_levels_free() - forget all
 * @levels:	the levels
 */
void tws_levels_free(struct tws_levels *levels)
{
	kvfree(levels->known);
	levels->known = NULL;
	levels->nr = 0;
}
