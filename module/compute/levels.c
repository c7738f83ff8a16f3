// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the levels of destinations with those in the snapshot before, and
 * reports the changes.
 */
#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "event.h"
#include "levels.h"
#include "table.h"

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

/* Its last socket has gone, or its row is hidden now. */
static void tws_tell_gone(const struct tws_levels_sink *sink,
			  const struct tws_known_level *known)
{
	const struct tws_event event = {
		.key = &known->key,
		.dev_name = "",
		.old_level = known->level,
		.new_level = TWS_LEVEL_OK,
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

/**
 * tws_levels_update() - compare with a new snapshot
 * @levels:	the levels before; replaced by the new ones
 * @rows:	the rows of a snapshot, out rows first
 * @nr:		how many
 * @hysteresis:	see tws_level_next()
 * @sink:	is told of each change
 *
 * Context: may sleep and allocate; @sink is called with no lock held.
 * Return: 0, or -ENOMEM; then @levels is unchanged and nothing was reported.
 */
int tws_levels_update(struct tws_levels *levels, const struct tws_row **rows,
		      u32 nr, u32 hysteresis,
		      const struct tws_levels_sink *sink)
{
	struct tws_levels next = {};
	u32 nr_out = 0, i;

	while (nr_out < nr && rows[nr_out]->key.dir == TWS_OUT)
		nr_out++;
	/* Only destinations that are or were above TWS_LEVEL_OK take memory. */
	for (i = 0; i < nr_out; i++)
		if (tws_levels_find(levels, &rows[i]->key) ||
		    rows[i]->outlook.level != TWS_LEVEL_OK)
			next.nr++;
	if (next.nr) {
		next.known = kvmalloc_array(next.nr, sizeof(*next.known),
					    GFP_KERNEL);
		if (!next.known)
			return -ENOMEM;
	}

	next.nr = 0;
	for (i = 0; i < nr_out; i++) {
		struct tws_known_level *before =
			tws_levels_find(levels, &rows[i]->key);
		const enum tws_level old = before ? before->level :
						    TWS_LEVEL_OK;
		const enum tws_level now = tws_level_now(rows[i], old,
							 hysteresis);

		if (now != old)
			tws_tell(sink, rows[i], old, now);
		if (before)
			before->level = TWS_LEVEL_OK;	/* has a row */
		if (now != TWS_LEVEL_OK)
			next.known[next.nr++] = (struct tws_known_level){
				.key = rows[i]->key, .level = now };
	}
	for (i = 0; i < levels->nr; i++)
		if (levels->known[i].level != TWS_LEVEL_OK)
			tws_tell_gone(sink, &levels->known[i]);

	if (next.nr)
		sort(next.known, next.nr, sizeof(*next.known),
		     tws_known_level_cmp, NULL);
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
