/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILTABLE_H
#define TWS_FAILTABLE_H

#include <linux/spinlock.h>

#include "classify.h"

/* Pairs that there is room for: 512 sets of 8. */
#define TWS_FAIL_SETS	512
#define TWS_FAIL_WAYS	8

/**
 * struct tws_failure - failed connect() calls of one pair
 * @key:	the pair, as an out row's
 * @netns:	inode number of its namespace, 0 if the entry is free
 * @count:	how many
 * @last:	number of the last one among all failures
 */
struct tws_failure {
	struct tws_key key;
	unsigned int netns;
	u32 count;
	u64 last;
};

struct tws_fail_set {
	raw_spinlock_t lock;
	struct tws_failure way[TWS_FAIL_WAYS];
};

/**
 * struct tws_failtable - failed connect() calls of all namespaces
 * @forgotten:	pairs that made room for another one
 * @clock:	number of failures so far, of all pairs
 * @seed:	seed of the hash
 * @set:	the hash of a pair tells its set
 */
struct tws_failtable {
	atomic64_t forgotten;
	atomic64_t clock;
	u32 seed;
	struct tws_fail_set set[TWS_FAIL_SETS];
};

void tws_failtable_init(struct tws_failtable *table, u32 seed);
void tws_failtable_add(struct tws_failtable *table, const struct tws_key *key,
		       unsigned int netns);
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key,
			unsigned int netns);
void tws_failtable_drop(struct tws_failtable *table, unsigned int netns);

#endif /* TWS_FAILTABLE_H */
