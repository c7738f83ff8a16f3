/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BINDTABLE_H
#define TWS_BINDTABLE_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_range;

/**
 * struct tws_bucket - a port that is in use, as the bind table has it
 * @l3mdev:	VRF that it is in use in, 0 for none
 * @port:	port, host order
 * @skipped:	connect() leaves it out, whatever the destination
 */
struct tws_bucket {
	int l3mdev;
	u16 port;
	bool skipped;
};

/**
 * struct tws_bindwalk - one pass over the bind table
 * @hashinfo:	tables of @net
 * @net:	only ports of this namespace are handed out
 * @range:	only ports of this range are handed out
 * @sink:	gets them in batches, in process context with no lock held;
 *		returns 0 to go on, or an error that ends the pass
 * @ctx:	first argument of @sink
 */
struct tws_bindwalk {
	struct inet_hashinfo *hashinfo;
	struct net *net;
	const struct tws_range *range;
	int (*sink)(void *ctx, const struct tws_bucket *batch, unsigned int nr);
	void *ctx;

	/* private: */
	struct tws_bucket *batch;
	unsigned int nr;
	unsigned int room;
};

int tws_bindwalk(struct tws_bindwalk *w);

#endif /* TWS_BINDTABLE_H */
