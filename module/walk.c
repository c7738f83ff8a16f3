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
#include "lanes.h"
#include "locked.h"
#include "walk.h"

/* A batch of less than half a page is not worth the walk. */
#define TWS_BATCH_LEAST	(PAGE_SIZE / sizeof(struct tws_tuple) / 2)
/* A section goes over so many slots, most of them empty. */
#define TWS_SECTION	4096u

static void tws_flush(struct tws_walk *w)
{
	tws_breathe(w->breath);
	if (w->nr)
		w->sink(w->ctx, w->batch, w->nr);
	w->nr = 0;
}

static bool tws_grow_batch(struct tws_walk *w, unsigned int room)
{
	struct tws_tuple *batch;

	batch = kmalloc_array(room, sizeof(*batch), TWS_GFP);
	if (!batch)
		return false;
	kfree(w->batch);
	w->batch = batch;
	w->room = room;
	return true;
}

/* All of a chain goes into one batch, alone if it must be. */
static void tws_read_locked(struct tws_walk *w, unsigned int slot)
{
	unsigned int growths = 0, found;

	w->locked++;
	for (;;) {
		found = tws_locked_read(w, slot);
		if (w->nr + found <= w->room) {
			w->nr += found;
			return;
		}
		if (w->nr) {
			tws_flush(w);
			continue;
		}
		if (growths++ == TWS_GROWTHS ||
		    !tws_grow_batch(w, min(found + found / 4, TWS_ENTRIES))) {
			w->truncated = true;
			w->nr = w->room;
			return;
		}
	}
}

static void tws_walk_section(struct tws_walk *w)
{
	struct tws_lanes *lanes = w->lanes;
	unsigned int i;

	w->end = min(w->slot + TWS_SECTION, w->hashinfo->ehash_mask + 1);
	w->visited = 0;
	w->now = jiffies;
	tws_lanes_read(w);
	for (i = 0; i < lanes->nr_busy; i++)
		tws_read_locked(w, lanes->busy[i]);
	tws_flush(w);
}

/* A batch is in one piece: if memory has none so large, a smaller one must do. */
static bool tws_first_batch(struct tws_walk *w)
{
	unsigned int room = w->most ?: TWS_BATCH_ROOM;

	while (!tws_grow_batch(w, room)) {
		room /= 2;
		if (room < TWS_BATCH_LEAST)
			return false;
	}
	return true;
}

static int tws_walk_begin(struct tws_walk *w)
{
	w->lanes = tws_lanes_new();
	return w->lanes && tws_first_batch(w) ? 0 : -ENOMEM;
}

static void tws_walk_end(struct tws_walk *w)
{
	kfree(w->batch);
	kfree(w->lanes);
	w->batch = NULL;
}

/**
 * tws_walk() - hand every socket of a namespace to a sink, once
 * @w:	the walk; table, namespace, sink and ctx are set, the rest is zero
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
int tws_walk(struct tws_walk *w)
{
	int err = tws_walk_begin(w);

	while (!err && w->slot <= w->hashinfo->ehash_mask) {
		tws_walk_section(w);
		if (tws_unwanted(w->stop))
			err = -EINTR;
	}
	tws_walk_end(w);
	return err;
}
