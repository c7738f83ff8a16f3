/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILTABLE_H
#define TWS_FAILTABLE_H

#include <linux/spinlock.h>

#include "classify.h"

/* A table begins with one set of pairs, and may become TWS_FAIL_SETS of them. */
#define TWS_FAIL_WAYS	8
#define TWS_FAIL_SETS	64

/**
 * struct tws_failure - failed connect() calls of one pair
 * @key:	the pair, as an out row's
 * @count:	how many, 0 if the entry is free
 * @last:	number of the last one among all failures of the table
 * @last_ms:	when that was
 */
struct tws_failure {
	struct tws_key key;
	u32 count;
	u64 last;
	u64 last_ms;
};

struct tws_fail_set {
	struct tws_failure way[TWS_FAIL_WAYS];
};

/**
 * struct tws_failtable - failed connect() calls of one namespace
 * @lock:	guards all that follows
 * @seed:	seed of the hash
 * @clock:	number of failures so far, of all pairs, forgotten ones too
 * @last_ms:	when the last one was
 * @few:	the first set
 * @many:	the sets of a table that has grown; else NULL
 */
struct tws_failtable {
	raw_spinlock_t lock;	/* guards all that follows */
	u32 seed;
	u64 clock;
	u64 last_ms;
	struct tws_fail_set few;
	struct tws_fail_set *many;
};

/* What adding a failure has led to. */
enum tws_fail_added {
	TWS_FAIL_KEPT,
	TWS_FAIL_CROWDED,	/* the table should grow */
	TWS_FAIL_FORGOT,	/* another pair was forgotten for it */
};

void tws_failtable_init(struct tws_failtable *table, u32 seed);
enum tws_fail_added tws_failtable_add(struct tws_failtable *table,
				      const struct tws_key *key, u64 now_ms);
u64 tws_failtable_all(struct tws_failtable *table, u64 *last_ms);
int tws_failtable_recent(struct tws_failtable *table, u64 since_ms,
			 unsigned int most,
			 bool (*take)(void *ctx, const struct tws_key *key),
			 void *ctx);
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key);
struct tws_fail_set *tws_failtable_grow(struct tws_failtable *table,
					struct tws_fail_set *many);
struct tws_fail_set *tws_failtable_reset(struct tws_failtable *table);

#endif /* TWS_FAILTABLE_H */
