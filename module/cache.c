// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readers share a snapshot while it is younger than net.tw_summary.cache_ms. So
 * a user who reads in a loop causes ten snapshots a second, not ten thousand.
 */
#include <linux/err.h>

#include "cache.h"
#include "net.h"
#include "shared.h"
#include "snapshot.h"
#include "costs.h"

static bool tws_is_young(const struct tws_snapshot *snap)
{
	return snap &&
	       ktime_ms_delta(ktime_get(), snap->taken) < tws_cache_ms();
}

/**
 * tws_cache_get() - get a snapshot younger than cache_ms
 * @tn:	the namespace; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: a snapshot with a reference for the caller, or ERR_PTR: see
 * tws_snapshot_take().
 */
struct tws_snapshot *tws_cache_get(struct tws_net *tn)
{
	struct tws_snapshot *snap;
	int err;

	err = mutex_lock_killable(&tn->lock);
	if (err)
		return ERR_PTR(err);
	snap = tn->latest;
	if (tws_is_young(snap)) {
		tws_costs_add_hit();
	} else {
		snap = tws_snapshot_take(tn, tws_max_rows());
		if (!IS_ERR(snap)) {
			tws_snapshot_put(tn->latest);
			tn->latest = snap;
		}
	}
	if (!IS_ERR(snap))
		tws_snapshot_get(snap);
	mutex_unlock(&tn->lock);
	return snap;
}

/**
 * tws_cache_drop() - forget the newest snapshot
 * @tn:	the namespace, on its way out: it has no readers any more
 *
 * Context: process context.
 */
void tws_cache_drop(struct tws_net *tn)
{
	tws_snapshot_put(tn->latest);
	tn->latest = NULL;
}
