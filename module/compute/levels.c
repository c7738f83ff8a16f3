// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the levels of destinations with those in the snapshot before, and
 * reports the changes.
 */
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "event.h"
#include "gfp.h"
#include "levels.h"
#include "stride.h"
#include "table.h"

/* Destinations without a row whose level is remembered. */
#define TWS_UNSEEN_MAX	4096u

/* A destination above TWS_LEVEL_OK; during an update also one that will be. */
struct tws_known_level {
	struct rb_node node;
	struct tws_key key;
	u32 look;	/* the last one that has seen a row of it */
	u8 level;
};

static struct tws_known_level *tws_level_of(const struct rb_node *node)
{
	return rb_entry_safe(node, struct tws_known_level, node);
}

static struct tws_known_level *tws_levels_find(const struct tws_levels *levels,
					       const struct tws_key *key)
{
	const struct rb_node *node = levels->known.rb_node;
	int cmp;

	while (node) {
		struct tws_known_level *known = tws_level_of(node);

		cmp = memcmp(key, &known->key, sizeof(*key));
		if (!cmp)
			return known;
		node = cmp < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

/* Add a destination that is not known yet, at TWS_LEVEL_OK. */
static bool tws_levels_add(struct tws_levels *levels, const struct tws_key *key)
{
	struct rb_node **link = &levels->known.rb_node, *parent = NULL;
	struct tws_known_level *known = kzalloc(sizeof(*known), TWS_GFP);

	if (!known)
		return false;
	known->key = *key;
	known->level = TWS_LEVEL_OK;
	known->look = levels->look;
	while (*link) {
		parent = *link;
		link = memcmp(key, &tws_level_of(parent)->key,
			      sizeof(*key)) < 0 ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&known->node, parent, link);
	rb_insert_color(&known->node, &levels->known);
	levels->nr++;
	return true;
}

/* Forget the destinations that are no higher than @level. */
static void tws_levels_drop(struct tws_levels *levels, enum tws_level level)
{
	struct tws_known_level *known, *next;
	u32 seen = 0;

	for (known = tws_level_of(rb_first(&levels->known)); known;
	     known = next) {
		next = tws_level_of(rb_next(&known->node));
		if (known->level <= level) {
			rb_erase(&known->node, &levels->known);
			levels->nr--;
			kfree(known);
		}
		tws_rows_resched(seen++);
	}
}

static struct tws_event tws_event_of(const struct tws_outlook *outlook, enum tws_level old,
				     enum tws_level now)
{
	return (struct tws_event){
		.dev_name = "",
		.old_level = old,
		.new_level = now,
		.shown = true,
		.use_permille = tws_use_permille(outlook->open, outlook->free),
		.open = outlook->open,
		.free = outlook->free,
		.full_ms = outlook->full_ms,
	};
}

static void tws_tell(const struct tws_levels_sink *sink,
		     const struct tws_row *row, enum tws_level old,
		     enum tws_level now)
{
	struct tws_event event = tws_event_of(&row->outlook, old, now);

	event.key = &row->key;
	event.dev_name = row->dev_name;
	event.timewait = row->count[TWS_STATE_TIME_WAIT];
	event.closes_10s = tws_closes_10s(row->age);
	sink->changed(sink->ctx, &event);
}

static void tws_tell_fresh(const struct tws_levels_sink *sink,
			   const struct tws_outlook *outlook, enum tws_level old,
			   enum tws_level now)
{
	const struct tws_event event = tws_event_of(outlook, old, now);

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
static enum tws_level tws_level_now(const struct tws_outlook *outlook,
				    enum tws_level old, u32 hysteresis)
{
	if (!outlook->known)
		return old;
	return tws_level_next(old, outlook->open, outlook->free,
			      &outlook->th, hysteresis);
}

/* Make room for all rows above TWS_LEVEL_OK, before anything is reported. */
static bool tws_levels_room(struct tws_levels *levels,
			    const struct tws_levels_look *look)
{
	const struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, look->rows, list) {
		if (row->key.dir != TWS_OUT)
			break;
		if (tws_level_now(&row->outlook, TWS_LEVEL_OK, look->hysteresis) !=
		    TWS_LEVEL_OK &&
		    !tws_levels_find(levels, &row->key) &&
		    !tws_levels_add(levels, &row->key))
			return false;
		tws_rows_resched(seen++);
	}
	return true;
}

static void tws_compare_row(struct tws_levels *levels,
			    const struct tws_row *row, u32 hysteresis,
			    const struct tws_levels_sink *sink)
{
	struct tws_known_level *known = tws_levels_find(levels, &row->key);
	enum tws_level old;

	/* It was well, and is. */
	if (!known)
		return;
	old = known->level;
	known->level = tws_level_now(&row->outlook, old, hysteresis);
	known->look = levels->look;
	if (known->level != old)
		tws_tell(sink, row, old, known->level);
}

/* One that nobody has used yet: ports are lost to it while it has no row. */
static void tws_compare_fresh(struct tws_levels *levels,
			      const struct tws_levels_look *look,
			      const struct tws_levels_sink *sink)
{
	const enum tws_level old = levels->fresh;

	levels->fresh = tws_level_now(look->fresh, old, look->hysteresis);
	if (levels->fresh != old)
		tws_tell_fresh(sink, look->fresh, old, levels->fresh);
}

/* Those without a row: they have no socket any more, or they are hidden. */
static void tws_compare_unseen(struct tws_levels *levels,
			       enum tws_level unseen_level,
			       const struct tws_levels_sink *sink)
{
	struct tws_known_level *known;
	u32 kept = 0, seen = 0;

	for (known = tws_level_of(rb_first(&levels->known)); known;
	     known = tws_level_of(rb_next(&known->node))) {
		enum tws_level now = min_t(enum tws_level, known->level,
					   unseen_level);

		tws_rows_resched(seen++);
		if (known->look == levels->look)
			continue;
		if (now != TWS_LEVEL_OK && kept++ >= TWS_UNSEEN_MAX)
			now = TWS_LEVEL_OK;
		if (now != known->level)
			tws_tell_unseen(sink, known, now);
		known->level = now;
	}
}

/**
 * tws_levels_update() - compare with a new snapshot
 * @levels:	the levels before, zeroed at first; changed to the new ones
 * @look:	the snapshot
 * @sink:	is told of each change
 *
 * Context: may sleep and allocate; @sink is called with no lock held.
 * Return: 0, or -ENOMEM; then no level has changed and nothing was reported.
 */
int tws_levels_update(struct tws_levels *levels,
		      const struct tws_levels_look *look,
		      const struct tws_levels_sink *sink)
{
	const struct tws_row *row;
	int err = -ENOMEM;
	u32 seen = 0;

	levels->look++;
	if (tws_levels_room(levels, look)) {
		list_for_each_entry(row, look->rows, list) {
			if (row->key.dir != TWS_OUT)
				break;
			tws_compare_row(levels, row, look->hysteresis, sink);
			tws_rows_resched(seen++);
		}
		tws_compare_unseen(levels, look->unseen_level, sink);
		tws_compare_fresh(levels, look, sink);
		err = 0;
	}
	tws_levels_drop(levels, TWS_LEVEL_OK);
	return err;
}

/**
 * tws_levels_free() - forget all
 * @levels:	the levels
 *
 * Context: may sleep.
 */
void tws_levels_free(struct tws_levels *levels)
{
	tws_levels_drop(levels, TWS_LEVEL_FULL);
	levels->fresh = TWS_LEVEL_OK;
}
