/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_RESERVE_H
#define TWS_RESERVE_H

#include <linux/spinlock.h>
#include <linux/types.h>

/* Memory comes in pieces of this size, whatever the size of the machine's pages. */
#define TWS_CHUNK_BYTES		4096
/* See the assertion in calls.c. */
#define TWS_RESERVE_CHUNKS	38

/**
 * struct tws_reserve - memory for who cannot allocate
 * @lock:	guards @nr and @chunks
 * @nr:		chunks that are there
 * @chunks:	these
 * @wanted:	is called when somebody has wanted one, and got it or not; in any context
 *		but NMI, with locks held
 */
struct tws_reserve {
	raw_spinlock_t lock;	/* guards @nr and @chunks */
	unsigned int nr;
	void *chunks[TWS_RESERVE_CHUNKS];
	void (*wanted)(struct tws_reserve *reserve);
};

void tws_reserve_init(struct tws_reserve *reserve,
		      void (*wanted)(struct tws_reserve *reserve));
void *tws_reserve_take(struct tws_reserve *reserve);
bool tws_reserve_fill(struct tws_reserve *reserve);
void tws_reserve_drain(struct tws_reserve *reserve);
u64 tws_reserve_bytes(const struct tws_reserve *reserve);
void tws_chunk_free(void *chunk);
u64 tws_chunk_bytes(void);

#endif /* TWS_RESERVE_H */
