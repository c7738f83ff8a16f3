/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LEVELS_H
#define TWS_LEVELS_H

#include <linux/rbtree.h>
#include <linux/types.h>

#include "classify.h"

struct list_head;
struct tws_event;
struct tws_outlook;

/**
 * struct tws_levels - the destinations above TWS_LEVEL_OK, with their levels
 * @nr:	how many
 * @fresh:	level of a destination that nobody has used yet
 *
 * Each is memory of its own, so that many of them need no large piece.
 */
struct tws_levels {
	u32 nr;
	u8 fresh;

	/* private: */
	u32 look;		/* counts the updates */
	struct rb_root known;	/* struct tws_known_level, by key */
};

/**
 * struct tws_levels_sink - receiver of changes
 * @changed:	called for each destination whose level has changed, and for one that
 *		nobody has used yet
 * @ctx:	its first argument
 */
struct tws_levels_sink {
	void (*changed)(void *ctx, const struct tws_event *event);
	void *ctx;
};

/**
 * struct tws_levels_look - what a snapshot says of levels
 * @rows:	its rows, struct tws_row, out rows first
 * @fresh:	outlook of a destination that nobody has used yet
 * @unseen_level: worst level that a destination without a row may have;
 *		TWS_LEVEL_OK if every destination has one
 * @hysteresis:	see tws_level_next()
 */
struct tws_levels_look {
	const struct list_head *rows;
	const struct tws_outlook *fresh;
	u8 unseen_level;
	u32 hysteresis;
};

int tws_levels_update(struct tws_levels *levels,
		      const struct tws_levels_look *look,
		      const struct tws_levels_sink *sink);
void tws_levels_free(struct tws_levels *levels);

#endif /* TWS_LEVELS_H */
