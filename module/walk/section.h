/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of a walk share. Nobody outside of this folder needs it. */
#ifndef TWS_SECTION_H
#define TWS_SECTION_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_breath;
struct tws_lanes;
struct tws_tuple;

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

/**
 * struct tws_section - slots that are read before the sockets in them are counted: chains
 *	under RCU first, then the busy ones under their locks
 * @hashinfo:	the table
 * @net:	whose sockets are copied
 * @slot:	next slot to read
 * @end:	slot behind the section
 * @now:	jiffies when it began
 * @visited:	entries of chains that were read in it
 * @retried:	slots that changed while they were read, in all sections so far
 * @busy:	slots that must be read under their lock
 * @nr_busy:	how many
 */
struct tws_section {
	struct inet_hashinfo *hashinfo;
	const struct net *net;
	unsigned int slot;
	unsigned int end;
	unsigned long now;
	unsigned int visited;
	u32 retried;
	unsigned int nr_busy;
	u32 busy[TWS_BUSY + TWS_LANES];
};

/**
 * struct tws_batch - the sockets that were copied
 * @tuples:	the copies
 * @nr:		how many
 * @room:	how many there may be
 */
struct tws_batch {
	struct tws_tuple *tuples;
	unsigned int nr;
	unsigned int room;
};

struct tws_lanes *tws_lanes_new(void);
void tws_lanes_read(struct tws_lanes *lanes, struct tws_section *s, struct tws_batch *b);
void tws_lanes_skip(struct tws_section *s);

unsigned int tws_locked_read(struct tws_section *s, struct tws_batch *b, unsigned int slot,
			     struct tws_breath *breath, bool *truncated);

#endif /* TWS_SECTION_H */
