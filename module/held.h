/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_HELD_H
#define TWS_HELD_H

#include <linux/list.h>

struct tws_snapshot;

/**
 * struct tws_held - the snapshots of a namespace that have their rows
 * @snaps:	the snapshots, the oldest first
 * @nr:		how many
 */
struct tws_held {
	struct list_head snaps;
	unsigned int nr;
};

void tws_held_init(struct tws_held *held);
void tws_held_end(struct tws_held *held);
void tws_held_add(struct tws_held *held, struct tws_snapshot *snap);
struct tws_snapshot *tws_snapshot_get(struct tws_snapshot *snap);
void tws_snapshot_put(struct tws_snapshot *snap);
bool tws_snapshot_use(struct tws_snapshot *snap);
void tws_snapshot_unuse(struct tws_snapshot *snap);

#endif /* TWS_HELD_H */
