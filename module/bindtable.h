/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BINDTABLE_H
#define TWS_BINDTABLE_H

#include <linux/types.h>

struct inet_bind_bucket;
struct inet_hashinfo;
struct net;
struct tws_range;
struct tws_used_port;

/**
 * struct tws_bindwalk - a walk over the bind table
 * @hashinfo:	tables of @net
 * @net:	only ports of this namespace are handed out
 * @range:	only ports of this range are handed out
 * @skipped_only: only ports that connect() skips are handed out
 * @sink:	gets them in batches, in process context with no lock held;
 *		returns 0, or an error that ends the walk
 * @ctx:	first argument of @sink
 * @stop:	ends the walk within a stride; or NULL
 */
struct tws_bindwalk {
	struct inet_hashinfo *hashinfo;
	struct net *net;
	const struct tws_range *range;
	bool skipped_only;
	int (*sink)(void *ctx, const struct tws_used_port *batch,
		    unsigned int nr);
	void *ctx;
	const bool *stop;

	/* private: */
	struct tws_used_port *batch;
	unsigned int nr;
	unsigned int room;
	unsigned int visited;	/* buckets, in this section */
	unsigned int wanted;	/* buckets of a chain that did not fit, or 0 */
	unsigned int growths;	/* for this chain */
};

bool tws_bindwalk_copy(struct tws_bindwalk *w, struct inet_bind_bucket *tb,
		       unsigned int found);
int tws_bindwalk(struct tws_bindwalk *w);

#endif /* TWS_BINDTABLE_H */
