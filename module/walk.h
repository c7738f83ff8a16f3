/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_WALK_H
#define TWS_WALK_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_tuple;

/**
 * struct tws_walk - a walk over an established/timewait table
 * @hashinfo:	table to walk; the caller keeps its namespace alive
 * @net:	only sockets of this namespace are handed out
 * @sink:	gets the sockets in batches, in process context, with no lock
 *		held and outside RCU: it may sleep and allocate
 * @ctx:	first argument of @sink
 * @stop:	ends the walk within a stride; or NULL
 * @retried:	result: slots that changed while they were read
 * @locked:	result: slots that were read under their lock
 * @longest_ns:	result: longest time without a chance to reschedule
 * @truncated:	result: sockets are missing, because memory ran out or a chain
 *		is longer than TWS_ENTRIES
 */
struct tws_walk {
	struct inet_hashinfo *hashinfo;
	const struct net *net;
	void (*sink)(void *ctx, const struct tws_tuple *batch, unsigned int nr);
	void *ctx;
	const bool *stop;

	u32 retried;
	u32 locked;
	u64 longest_ns;
	bool truncated;

	/* private: */
	struct tws_tuple *batch;
	unsigned int nr;
	unsigned int room;
	unsigned int visited;
};

int tws_walk(struct tws_walk *w);

#endif /* TWS_WALK_H */
