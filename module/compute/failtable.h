/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILTABLE_H
#define TWS_FAILTABLE_H

#include "classify.h"
#include "promise.h"
#include "sets.h"

/**
 * struct tws_failure - failed connect() calls of one pair
 * @item:	its rank is the number of the last one among all failures of the table
 * @key:	the pair, as an out row's
 * @count:	how many
 * @last_ms:	when the last one was
 * @promise:	what a snapshot has said of the pair
 */
struct tws_failure {
	struct tws_item item;
	struct tws_key key;
	u32 count;
	u64 last_ms;
	struct tws_promise promise;
};

/**
 * struct tws_failtable - failed connect() calls of one namespace
 * @sets:	the pairs; its lock guards all that follows
 * @clock:	number of failures so far, of all pairs, forgotten ones too
 * @last_ms:	when the last one was
 * @few:	the first set
 */
struct tws_failtable {
	struct tws_sets sets;
	u64 clock;
	u64 last_ms;
	struct tws_failure few[TWS_SET_WAYS];
};

void tws_failtable_init(struct tws_failtable *table, u32 seed);
enum tws_sets_added tws_failtable_add(struct tws_failtable *table,
				      const struct tws_key *key,
				      const struct tws_failed_call *call,
				      enum tws_promised *promised);
u64 tws_failtable_all(struct tws_failtable *table, u64 *last_ms);
int tws_failtable_recent(struct tws_failtable *table, u64 since_ms,
			 unsigned int most,
			 bool (*take)(void *ctx, const struct tws_key *key),
			 void *ctx);
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key);
u32 tws_failtable_promise(struct tws_failtable *table, const struct tws_key *key,
			  const struct tws_promise *promise);
void tws_failtable_reset(struct tws_failtable *table);

#endif /* TWS_FAILTABLE_H */
