/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SNAPSHOT_H
#define TWS_SNAPSHOT_H

#include <linux/list.h>

#include "cache.h"
#include "summary.h"

struct tws_net;
struct tws_snapshots;

/**
 * struct tws_snapshot - a summary that somebody has
 * @cached:	its references, and when it was taken
 * @summary:	what it says; it does not change any more
 */
struct tws_snapshot {
	struct tws_cached cached;
	struct tws_summary summary;

	/* private: */
	struct tws_snapshots *of;
	struct list_head list;	/* in @full of its namespace */
	unsigned int users;	/* of the rows */
	bool gone;		/* the rows, or they go once nobody uses them */
	size_t bytes;
};

void tws_snapshots_init(struct tws_snapshots *snaps);
void tws_snapshots_end(struct tws_snapshots *snaps);
struct tws_snapshot *tws_snapshot_get(struct tws_net *tn);
struct tws_snapshot *tws_snapshot_renew(struct tws_net *tn, const bool *stop);
struct tws_snapshot *tws_snapshot_take(struct tws_net *tn, const bool *stop);
void tws_snapshot_put(struct tws_snapshot *snap);
bool tws_snapshot_use(struct tws_snapshot *snap);
void tws_snapshot_unuse(struct tws_snapshot *snap);

#endif /* TWS_SNAPSHOT_H */
