/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_WALK_H
#define TWS_WALK_H

#include <linux/types.h>

#include "compute/way.h"

struct inet_hashinfo;
struct net;
struct tws_breath;
struct tws_tuple;

/**
 * struct tws_walk - a walk over an established/timewait table
 * @hashinfo:	table to walk; the caller keeps its namespace alive
 * @net:	only sockets of this namespace are handed out
 * @sink:	gets the sockets in batches, in process context, with no lock
 *		held and outside RCU: it may sleep and allocate
 * @ctx:	first argument of @sink
 * @stop:	ends the walk within a section; or NULL
 * @breath:	measures the time without a chance to reschedule (stride.h)
 * @unlocked:	chains are read without their locks, where that is right: see tws_way()
 * @most:	sockets in a batch, but for a longer chain; 0 for as many as suit
 * @retried:	result: how often a slot changed while it was read
 * @locked:	result: slots that were read under their lock
 * @truncated:	result: sockets are missing, because memory ran out or a chain
 *		has more than TWS_ENTRIES of them
 */
struct tws_walk {
	struct inet_hashinfo *hashinfo;
	const struct net *net;
	void (*sink)(void *ctx, const struct tws_tuple *batch, unsigned int nr);
	void *ctx;
	const bool *stop;
	struct tws_breath *breath;
	bool unlocked;
	unsigned int most;

	u32 retried;
	u32 locked;
	bool truncated;
};

int tws_walk(struct tws_walk *walk);

void tws_way_start(void);
enum tws_way tws_way(void);
const char *tws_way_why(enum tws_way way);

#endif /* TWS_WALK_H */
