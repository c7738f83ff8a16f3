/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILTABLE_H
#define TWS_FAILTABLE_H

#include "classify.h"
#include "memo.h"
#include "prediction.h"

/**
 * struct tws_failure - failed connect() calls of one pair
 * @item:	in the table
 * @key:	the pair, as an out row's
 * @count:	how many
 * @last:	number of the last one among all failures of the table
 * @last_ms:	when the last one was
 * @prediction:	what a snapshot has said of the pair
 */
struct tws_failure {
	struct tws_memo_item item;
	struct tws_key key;
	u32 count;
	u64 last;
	u64 last_ms;
	struct tws_prediction prediction;
};

/**
 * struct tws_failtable - failed connect() calls of one namespace
 * @memo:	the pairs; its lock guards all that follows
 * @clock:	number of failures so far, of all pairs, forgotten ones too
 * @last_ms:	when the last one was
 * @few:	the first pairs
 */
struct tws_failtable {
	struct tws_memo memo;
	u64 clock;
	u64 last_ms;
	struct tws_failure few[TWS_MEMO_FEW];
};

void tws_failtable_init(struct tws_failtable *table, u32 seed, u16 most,
			struct tws_reserve *reserve);
bool tws_failtable_add(struct tws_failtable *table, const struct tws_key *key,
		       const struct tws_failed_call *call,
		       enum tws_checked *checked);
u64 tws_failtable_all(struct tws_failtable *table, u64 *last_ms);
int tws_failtable_recent(struct tws_failtable *table, u64 since_ms,
			 unsigned int most,
			 bool (*take)(void *ctx, const struct tws_key *key),
			 void *ctx);
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key,
			u64 *last_ms);
u32 tws_failtable_predict(struct tws_failtable *table, const struct tws_key *key,
			  const struct tws_prediction *prediction);
void tws_failtable_reset(struct tws_failtable *table);
void tws_failtable_end(struct tws_failtable *table);

#endif /* TWS_FAILTABLE_H */
