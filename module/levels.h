/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LEVELS_H
#define TWS_LEVELS_H

#include <linux/types.h>

#include "classify.h"

struct tws_event;
struct tws_row;

/* A destination that is not TWS_OK. */
struct tws_level_of {
	struct tws_key key;
	u8 level;
};

/**
 * struct tws_levels - the destinations that are not TWS_OK, and how bad they are
 * @nr:	how many
 * @of:	the destinations, in the order of their keys
 */
struct tws_levels {
	u32 nr;
	struct tws_level_of *of;
};

/**
 * struct tws_levels_sink - who is told of changes
 * @changed:	called for each destination whose level has changed
 * @ctx:	its first argument
 */
struct tws_levels_sink {
	void (*changed)(void *ctx, const struct tws_event *event);
	void *ctx;
};

int tws_levels_update(struct tws_levels *levels, const struct tws_row **rows,
		      u32 nr, u32 hysteresis,
		      const struct tws_levels_sink *sink);
void tws_levels_free(struct tws_levels *levels);

#endif /* TWS_LEVELS_H */
