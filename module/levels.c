// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows the level of each destination from one look to the next, and tells
 * what has changed. Pure but for its memory.
 */
#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "event.h"
#include "levels.h"
#include "table.h"

static int tws_level_of_cmp(const void *a, const void *b)
{
	const struct tws_level_of *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static int tws_level_key_cmp(const void *key, const void *of)
{
	return memcmp(key, &((const struct tws_level_of *)of)->key,
		      sizeof(struct tws_key));
}

static struct tws_level_of *tws_levels_find(const struct tws_levels *levels,
					    const struct tws_key *key)
{
	if (!levels->nr)
		return NULL;
	return bsearch(key, levels->of, levels->nr, sizeof(*levels->of),
		       tws_level_key_cmp);
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
		.timewait = row->count[TWS_TIME_WAIT],
		.closes_10s = tws_closes_10s(row->age),
		.full_ms = outlook->full_ms,
	};

	sink->changed(sink->ctx, &event);
}

/* Its last socket has gone, or it is among the hidden ones. */
static void tws_tell_gone(const struct tws_levels_sink *sink,
			  const struct tws_level_of *of)
{
	const struct tws_event event = {
		.key = &of->key,
		.dev_name = "",
		.old_level = of->level,
		.new_level = TWS_OK,
		.full_ms = TWS_NEVER,
	};

	sink->changed(sink->ctx, &event);
}

/* What is not known has not changed. */
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
 * tws_levels_update() - compare with a new look
 * @levels:	the levels before; then those now
 * @rows:	the rows of a snapshot, out rows first
 * @nr:		how many
 * @hysteresis:	see tws_level_next()
 * @sink:	who is told
 *
 * Context: may sleep and allocate; @sink is called with no lock held.
 * Return: 0, or -ENOMEM: nothing has happened.
 */
int tws_levels_update(struct tws_levels *levels, const struct tws_row **rows,
		      u32 nr, u32 hysteresis,
		      const struct tws_levels_sink *sink)
{
	struct tws_levels next = {};
	u32 nr_out = 0, i;

	while (nr_out < nr && rows[nr_out]->key.dir == TWS_OUT)
		nr_out++;
	/* Most destinations are well: those that are not come first. */
	for (i = 0; i < nr_out; i++)
		if (tws_levels_find(levels, &rows[i]->key) ||
		    rows[i]->outlook.level != TWS_OK)
			next.nr++;
	if (next.nr) {
		next.of = kvmalloc_array(next.nr, sizeof(*next.of), GFP_KERNEL);
		if (!next.of)
			return -ENOMEM;
	}

	next.nr = 0;
	for (i = 0; i < nr_out; i++) {
		struct tws_level_of *before =
			tws_levels_find(levels, &rows[i]->key);
		const enum tws_level old = before ? before->level : TWS_OK;
		const enum tws_level now = tws_level_now(rows[i], old,
							 hysteresis);

		if (now != old)
			tws_tell(sink, rows[i], old, now);
		if (before)
			before->level = TWS_OK;	/* seen */
		if (now != TWS_OK)
			next.of[next.nr++] = (struct tws_level_of){
				.key = rows[i]->key, .level = now };
	}
	for (i = 0; i < levels->nr; i++)
		if (levels->of[i].level != TWS_OK)
			tws_tell_gone(sink, &levels->of[i]);

	if (next.nr)
		sort(next.of, next.nr, sizeof(*next.of), tws_level_of_cmp,
		     NULL);
	kvfree(levels->of);
	*levels = next;
	return 0;
}

/**
 * tws_levels_free() - forget all
 * @levels:	the levels
 */
void tws_levels_free(struct tws_levels *levels)
{
	kvfree(levels->of);
	levels->of = NULL;
	levels->nr = 0;
}
