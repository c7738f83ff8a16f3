// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long snapshots live.
 *
 * A snapshot lives as long as somebody has a reference: an open file, the cache. But
 * a user may open thousands of files and leave them open, and each may have a
 * snapshot of its own. So only the newest ones of a namespace keep their rows.
 * Somebody who looks at rows says so, and then they stay meanwhile.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "costs.h"
#include "held.h"
#include "snapshot.h"

/* Snapshots of a namespace that keep their rows. */
#define TWS_HELD_MAX	64

/*
 * Guards struct tws_held and the private fields of snapshots. It is not one of each
 * namespace, because a file of debugfs may have snapshots of one that has ended.
 */
static DEFINE_SPINLOCK(tws_held_lock);

static void tws_drop_rows(struct tws_snapshot *snap)
{
	tws_costs_add_bytes(-(s64)snap->bytes);
	snap->bytes = 0;
	tws_table_free(&snap->table);
}

/**
 * tws_held_init() - prepare for a namespace's snapshots
 * @held:	the list
 */
void tws_held_init(struct tws_held *held)
{
	INIT_LIST_HEAD(&held->snaps);
	held->nr = 0;
}

/**
 * tws_held_end() - the namespace ends, the snapshots that are left do not
 * @held:	the list; nobody adds to it any more
 */
void tws_held_end(struct tws_held *held)
{
	struct tws_snapshot *snap, *next;

	spin_lock(&tws_held_lock);
	list_for_each_entry_safe(snap, next, &held->snaps, list)
		list_del_init(&snap->list);
	spin_unlock(&tws_held_lock);
}

/*
 * Under the lock. Take the oldest snapshot from the list. Return it with a reference if
 * its rows are to be dropped now: nobody uses them, and nobody is freeing it.
 */
static struct tws_snapshot *tws_held_evict(struct tws_held *held)
{
	struct tws_snapshot *oldest =
		list_first_entry(&held->snaps, struct tws_snapshot, list);

	list_del_init(&oldest->list);
	held->nr--;
	oldest->gone = true;
	if (oldest->users || !refcount_inc_not_zero(&oldest->refs))
		return NULL;
	return oldest;
}

/**
 * tws_held_add() - keep a new snapshot, and let the oldest go if there are many
 * @held:	snapshots of its namespace
 * @snap:	the snapshot
 *
 * Context: process context, may sleep.
 */
void tws_held_add(struct tws_held *held, struct tws_snapshot *snap)
{
	struct tws_snapshot *oldest = NULL;

	snap->held = held;
	spin_lock(&tws_held_lock);
	list_add_tail(&snap->list, &held->snaps);
	if (++held->nr > TWS_HELD_MAX)
		oldest = tws_held_evict(held);
	spin_unlock(&tws_held_lock);
	if (!oldest)
		return;
	tws_drop_rows(oldest);
	tws_snapshot_put(oldest);
}

/**
 * tws_snapshot_get() - take a reference
 * @snap:	a snapshot that the caller has a reference of, or NULL
 *
 * Return: @snap.
 */
struct tws_snapshot *tws_snapshot_get(struct tws_snapshot *snap)
{
	if (snap)
		refcount_inc(&snap->refs);
	return snap;
}

/**
 * tws_snapshot_put() - drop a reference
 * @snap:	a snapshot, or NULL
 *
 * Context: process context, may sleep.
 */
void tws_snapshot_put(struct tws_snapshot *snap)
{
	if (!snap || !refcount_dec_and_test(&snap->refs))
		return;
	spin_lock(&tws_held_lock);
	if (!list_empty(&snap->list)) {
		list_del(&snap->list);
		snap->held->nr--;
	}
	spin_unlock(&tws_held_lock);
	tws_drop_rows(snap);
	kfree(snap);
}

/**
 * tws_snapshot_use() - begin to look at the rows
 * @snap:	a snapshot that the caller has a reference of
 *
 * Return: true, and then tws_snapshot_unuse() must follow; false if the rows are gone.
 */
bool tws_snapshot_use(struct tws_snapshot *snap)
{
	bool there;

	spin_lock(&tws_held_lock);
	there = !snap->gone;
	snap->users += there;
	spin_unlock(&tws_held_lock);
	return there;
}

/**
 * tws_snapshot_unuse() - end to look at the rows
 * @snap:	the snapshot; the caller still has its reference
 *
 * Context: process context, may sleep.
 */
void tws_snapshot_unuse(struct tws_snapshot *snap)
{
	bool drop;

	spin_lock(&tws_held_lock);
	drop = !--snap->users && snap->gone;
	spin_unlock(&tws_held_lock);
	if (drop)
		tws_drop_rows(snap);
}
