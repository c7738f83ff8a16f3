// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares the levels of destinations with those in the snapshot before, and
 * reports the changes.
 */
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gfp.h"
#include "stride.h"
#include "table.h"
#include "watch.h"

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

static struct tws_known_level *tws_watch_find(const struct tws_watch *watch,
					      const struct tws_key *key)
{
	const struct rb_node *node = watch->known.rb_node;
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
static bool tws_watch_add(struct tws_watch *watch, const struct tws_key *key)
{
	struct rb_node **link = &watch->known.rb_node, *parent = NULL;
	struct tws_known_level *known = kzalloc(sizeof(*known), TWS_GFP);

	if (!known)
		return false;
	known->key = *key;
	known->level = TWS_LEVEL_OK;
	known->look = watch->look;
	while (*link) {
		parent = *link;
		link = memcmp(key, &tws_level_of(parent)->key,
			      sizeof(*key)) < 0 ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&known->node, parent, link);
	rb_insert_color(&known->node, &watch->known);
	watch->nr++;
	return true;
}

/* Forget the destinations that are no higher than @level. */
static void tws_watch_drop(struct tws_watch *watch, enum tws_level level)
{
	struct tws_known_level *known, *next;
	u32 seen = 0;

	for (known = tws_level_of(rb_first(&watch->known)); known;
	     known = next) {
		next = tws_level_of(rb_next(&known->node));
		if (known->level <= level) {
			rb_erase(&known->node, &watch->known);
			watch->nr--;
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

static void tws_tell(const struct tws_watch_sink *sink,
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

static void tws_tell_fresh(const struct tws_watch_sink *sink,
			   const struct tws_outlook *outlook, enum tws_level old,
			   enum tws_level now)
{
	const struct tws_event event = tws_event_of(outlook, old, now);

	sink->changed(sink->ctx, &event);
}

static void tws_tell_unseen(const struct tws_watch_sink *sink,
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
static bool tws_watch_room(struct tws_watch *watch,
			   const struct tws_watch_look *look)
{
	const struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, look->rows, list) {
		if (row->key.dir != TWS_OUT)
			break;
		if (tws_level_now(&row->outlook, TWS_LEVEL_OK, look->hysteresis) !=
		    TWS_LEVEL_OK &&
		    !tws_watch_find(watch, &row->key) &&
		    !tws_watch_add(watch, &row->key))
			return false;
		tws_rows_resched(seen++);
	}
	return true;
}

static void tws_compare_row(struct tws_watch *watch,
			    const struct tws_row *row, u32 hysteresis,
			    const struct tws_watch_sink *sink)
{
	struct tws_known_level *known = tws_watch_find(watch, &row->key);
	enum tws_level old;

	/* It was well, and is. */
	if (!known)
		return;
	old = known->level;
	known->level = tws_level_now(&row->outlook, old, hysteresis);
	known->look = watch->look;
	if (known->level != old)
		tws_tell(sink, row, old, known->level);
}

/* One that nobody has used yet: ports are lost to it while it has no row. */
static void tws_compare_fresh(struct tws_watch *watch,
			      const struct tws_watch_look *look,
			      const struct tws_watch_sink *sink)
{
	const enum tws_level old = watch->fresh;

	watch->fresh = tws_level_now(look->fresh, old, look->hysteresis);
	if (watch->fresh != old)
		tws_tell_fresh(sink, look->fresh, old, watch->fresh);
}

/* Those without a row: they have no socket any more, or they are hidden. */
static void tws_compare_unseen(struct tws_watch *watch,
			       enum tws_level unseen_level,
			       const struct tws_watch_sink *sink)
{
	struct tws_known_level *known;
	u32 kept = 0, seen = 0;

	for (known = tws_level_of(rb_first(&watch->known)); known;
	     known = tws_level_of(rb_next(&known->node))) {
		enum tws_level now = min_t(enum tws_level, known->level,
					   unseen_level);

		tws_rows_resched(seen++);
		if (known->look == watch->look)
			continue;
		if (now != TWS_LEVEL_OK && kept++ >= TWS_UNSEEN_MAX)
			now = TWS_LEVEL_OK;
		if (now != known->level)
			tws_tell_unseen(sink, known, now);
		known->level = now;
	}
}

/**
 * tws_watch_update() - compare with a new snapshot
 * @watch:	the levels before, zeroed at first; changed to the new ones
 * @look:	the snapshot
 * @sink:	is told of each change
 *
 * Context: may sleep and allocate; @sink is called with no lock held.
 * Return: 0, or -ENOMEM; then no level has changed and nothing was reported.
 */
int tws_watch_update(struct tws_watch *watch,
		     const struct tws_watch_look *look,
		     const struct tws_watch_sink *sink)
{
	const struct tws_row *row;
	int err = -ENOMEM;
	u32 seen = 0;

	watch->look++;
	if (tws_watch_room(watch, look)) {
		list_for_each_entry(row, look->rows, list) {
			if (row->key.dir != TWS_OUT)
				break;
			tws_compare_row(watch, row, look->hysteresis, sink);
			tws_rows_resched(seen++);
		}
		tws_compare_unseen(watch, look->unseen_level, sink);
		tws_compare_fresh(watch, look, sink);
		err = 0;
	}
	tws_watch_drop(watch, TWS_LEVEL_OK);
	return err;
}

/**
 * tws_watch_free() - forget all
 * @watch:	the levels
 *
 * Context: may sleep.
 */
void tws_watch_free(struct tws_watch *watch)
{
	tws_watch_drop(watch, TWS_LEVEL_FULL);
	watch->fresh = TWS_LEVEL_OK;
}
