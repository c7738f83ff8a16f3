// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the established/timewait hash table.
 *
 * This file, lanes.c and locked.c are the only ones that copy sockets out of that table.
 * (debug_walk.c counts the length of its chains, and listeners.c reads the table of
 * listeners.)
 *
 * The walk goes from section to section. Of each, lanes.c reads the chains without their
 * locks. Those that change too often, or are long, are read under their locks (locked.c).
 */
#include <linux/slab.h>

#include "chain.h"
#include "compute/gfp.h"
#include "compute/stride.h"
#include "compute/tuple.h"
#include "walk.h"
#include "walk/section.h"

/* A batch of less than half a page is not worth the walk. */
#define TWS_BATCH_LEAST	(PAGE_SIZE / sizeof(struct tws_tuple) / 2)
/* A section goes over so many slots, most of them empty. */
#define TWS_SECTION	4096u

/* A walk on its way. */
struct tws_walker {
	struct tws_walk *walk;
	struct tws_lanes *lanes;
	struct tws_section section;
	struct tws_batch batch;
};

static void tws_flush(struct tws_walker *w)
{
	struct tws_batch *b = &w->batch;

	tws_breathe(w->walk->breath);
	if (b->nr)
		w->walk->sink(w->walk->ctx, b->tuples, b->nr);
	b->nr = 0;
}

static bool tws_grow_batch(struct tws_batch *b, unsigned int room)
{
	struct tws_tuple *tuples;

	tuples = kmalloc_array(room, sizeof(*tuples), TWS_GFP);
	if (!tuples)
		return false;
	kfree(b->tuples);
	b->tuples = tuples;
	b->room = room;
	return true;
}

/* All of a chain goes into one batch, alone if it must be. */
static void tws_read_locked(struct tws_walker *w, unsigned int slot)
{
	struct tws_batch *b = &w->batch;
	struct tws_walk *walk = w->walk;
	unsigned int growths = 0, found;

	walk->locked++;
	for (;;) {
		found = tws_locked_read(&w->section, b, slot, walk->breath, &walk->truncated);
		if (b->nr + found <= b->room) {
			b->nr += found;
			return;
		}
		if (b->nr) {
			tws_flush(w);
			continue;
		}
		if (growths++ == TWS_GROWTHS ||
		    !tws_grow_batch(b, min(found + found / 4, TWS_ENTRIES))) {
			walk->truncated = true;
			b->nr = b->room;
			return;
		}
	}
}

static void tws_walk_section(struct tws_walker *w)
{
	struct tws_section *s = &w->section;
	unsigned int i;

	s->end = min(s->slot + TWS_SECTION, s->hashinfo->ehash_mask + 1);
	s->now = jiffies;
	s->visited = 0;
	s->nr_busy = 0;
	if (w->walk->unlocked)
		tws_lanes_read(w->lanes, s, &w->batch);
	else
		tws_lanes_skip(s);
	for (i = 0; i < s->nr_busy; i++)
		tws_read_locked(w, s->busy[i]);
	tws_flush(w);
}

/* A batch is in one piece: if memory has none so large, a smaller one must do. */
static bool tws_first_batch(struct tws_batch *b, unsigned int room)
{
	while (!tws_grow_batch(b, room)) {
		room /= 2;
		if (room < TWS_BATCH_LEAST)
			return false;
	}
	return true;
}

/**
 * tws_walk() - hand every socket of a namespace to a sink, once
 * @walk:	the walk; what is not set is zero
 *
 * Every socket that is in the table during the whole walk is handed out. One
 * that comes or goes meanwhile may be. No connection is handed out twice,
 * unless it ends and begins again in another slot. The sockets of a slot are in one
 * batch, in the order of their chain; those of other slots may be between them.
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM if there is no memory for a batch, or -EINTR if nobody wants
 * it any more.
 */
int tws_walk(struct tws_walk *walk)
{
	struct tws_walker w = {
		.walk = walk,
		.lanes = tws_lanes_new(),
		.section = { .hashinfo = walk->hashinfo, .net = walk->net },
	};
	int err = 0;

	if (!w.lanes || !tws_first_batch(&w.batch, walk->most ?: TWS_BATCH_ROOM))
		err = -ENOMEM;
	while (!err && w.section.slot <= walk->hashinfo->ehash_mask) {
		tws_walk_section(&w);
		if (tws_unwanted(walk->stop))
			err = -EINTR;
	}
	walk->retried = w.section.retried;
	kfree(w.batch.tuples);
	kfree(w.lanes);
	return err;
}
