/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILTABLE_H
#define TWS_FAILTABLE_H

#include <linux/spinlock.h>

#include "classify.h"

/* Pairs that are kept: at most 512 times 8. */
#define TWS_FAIL_SETS	512
#define TWS_FAIL_WAYS	8

/**
 * struct tws_failure - failed connect() calls of one pair
 * @key:	the pair, as an out row's
 * @netns:	inode number of its namespace; 0: this place is free
 * @count:	how many
 * @last:	when the last one was, in the order of all
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
 * @clock:	failures so far
 * @seed:	seed of the hash
 * @set:	a pair can be in one of them only
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
