/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TWINS_H
#define TWS_TWINS_H

#include <linux/types.h>

struct tws_tuple;

/**
 * struct tws_twins - finds the sockets of a batch by addresses, ports and device
 * @batch:	the sockets
 * @nr:		how many
 * @compared:	how often two sockets were compared, for tests
 *
 * Each find costs the same however long the batch is.
 */
struct tws_twins {
	const struct tws_tuple *batch;
	unsigned int nr;
	u64 compared;

	/* private: */
	u32 seed;
	u32 mask;
	u16 *heads;
	u16 *next;
};

bool tws_twins_of(struct tws_twins *twins, const struct tws_tuple *batch,
		  unsigned int nr);
int tws_twins_find(struct tws_twins *twins, const struct tws_tuple *like,
		   int dev);
void tws_twins_free(struct tws_twins *twins);

#endif /* TWS_TWINS_H */
