/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LANES_H
#define TWS_LANES_H

#include <linux/types.h>

#include "chain.h"

struct tws_walk;

/* Chains that are read at a time: more than a processor waits for at once. */
#define TWS_LANES	48u
/* Longest chain that is read without its lock, foreign sockets included. */
#define TWS_CHAIN_MAX	64u
/* With so many sockets in the batch no further chain is begun ... */
#define TWS_BATCH	512u
/* ... and those that were begun find room, if they need not be read again. */
#define TWS_BATCH_ROOM	(TWS_BATCH + TWS_LANES * TWS_CHAIN_MAX)
/* With so many chains that must be read under their lock no further one is begun. */
#define TWS_BUSY	TWS_LANES

/* A chain in use, and what was read at its head. */
struct tws_found {
	unsigned int slot;
	struct hlist_nulls_node *first;
};

/* One chain that is being read; its copies are in the batch, from @from on. */
struct tws_lane {
	struct tws_chain chain;
	unsigned int from;
	unsigned int tries;
};

/**
 * struct tws_lanes - the chains of a walk that are being read, and what is left of them
 * @busy:	slots that must be read under their lock
 * @nr_busy:	how many
 */
struct tws_lanes {
	u32 busy[TWS_BUSY + TWS_LANES];
	unsigned int nr_busy;

	/* private: */
	struct tws_lane lane[TWS_LANES];
	struct tws_lane *order[TWS_LANES];	/* the first @nr are in use */
	unsigned int nr;
	struct tws_found found[TWS_LANES];
};

struct tws_lanes *tws_lanes_new(void);
void tws_lanes_read(struct tws_walk *w);

#endif /* TWS_LANES_H */
