// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts of connect() calls per pair that failed for one reason: the pairs that failed
 * last.
 */
#include <linux/build_bug.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "failtable.h"
#include "gfp.h"

/**
 * tws_failtable_init() - make an empty table
 * @table:	the table
 * @seed:	seed of its hash
 * @most:	pairs at most, TWS_MEMO_FEW to TWS_MEMO_ITEMS
 * @reserve:	where memory for more than a few pairs comes from
 */
void tws_failtable_init(struct tws_failtable *table, u32 seed, u16 most,
			struct tws_reserve *reserve)
{
	BUILD_BUG_ON(TWS_MEMO_CHUNKS_FOR(TWS_MEMO_ITEMS, sizeof(struct tws_failure)) >
		     TWS_MEMO_CHUNKS);

	memset(table, 0, sizeof(*table));
	tws_memo_init(&table->memo, seed, most, table->few,
		      sizeof(table->few[0]), sizeof(table->few[0].key), reserve);
}

/**
 * tws_failtable_add() - count a failed connect()
 * @table:	the table
 * @key:	its pair
 * @call:	the call, its time by a clock that never goes back
 * @checked:	result: see tws_prediction_check()
 *
 * Context: any but NMI.
 * Return: true if another pair was forgotten for it.
 */
bool tws_failtable_add(struct tws_failtable *table, const struct tws_key *key,
		       const struct tws_failed_call *call,
		       enum tws_checked *checked)
{
	struct tws_failure *failure;
	unsigned long flags;
	bool forgot;

	raw_spin_lock_irqsave(&table->memo.lock, flags);
	failure = tws_memo_find_or_add(&table->memo, key, &forgot);
	tws_memo_use(&table->memo, failure, false);
	failure->last = ++table->clock;
	failure->count++;
	*checked = tws_prediction_check(&failure->prediction, call);
	failure->prediction.wrong += *checked == TWS_PREDICTION_WRONG;
	failure->last_ms = call->at_ms;
	table->last_ms = call->at_ms;
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
	return forgot;
}

/**
 * tws_failtable_count() - how many connect() calls of a pair have failed
 * @table:	the table
 * @key:	the pair
 * @last_ms:	result: when the last one did, if there is one
 */
u32 tws_failtable_count(struct tws_failtable *table, const struct tws_key *key,
			u64 *last_ms)
{
	const struct tws_failure *failure;
	unsigned long flags;
	u32 count;

	raw_spin_lock_irqsave(&table->memo.lock, flags);
	failure = tws_memo_find(&table->memo, key);
	count = failure ? failure->count : 0;
	*last_ms = failure ? failure->last_ms : 0;
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
	return count;
}

/**
 * tws_failtable_predict() - replace the prediction of a pair
 * @table:	the table
 * @key:	the pair
 * @prediction:	the new one
 *
 * Return: how many calls have proved the old one wrong. None if the settings have changed
 * since: then nothing was predicted.
 */
u32 tws_failtable_predict(struct tws_failtable *table, const struct tws_key *key,
			  const struct tws_prediction *prediction)
{
	struct tws_failure *failure;
	unsigned long flags;
	u32 wrong = 0;

	raw_spin_lock_irqsave(&table->memo.lock, flags);
	failure = tws_memo_find(&table->memo, key);
	if (failure) {
		if (tws_predict_settings_equal(&failure->prediction.settings,
					       &prediction->settings))
			wrong = failure->prediction.wrong;
		failure->prediction = *prediction;
	}
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
	return wrong;
}

/**
 * tws_failtable_all() - how many connect() calls have failed, of whatever pair
 * @table:	the table
 * @last_ms:	result: when the last one failed, if one has
 */
u64 tws_failtable_all(struct tws_failtable *table, u64 *last_ms)
{
	unsigned long flags;
	u64 all;

	raw_spin_lock_irqsave(&table->memo.lock, flags);
	all = table->clock;
	*last_ms = table->last_ms;
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
	return all;
}

static int tws_fail_newest_first(const void *a, const void *b)
{
	const u64 last_a = *(const u64 *)a, last_b = *(const u64 *)b;

	return last_a < last_b ? 1 : last_a > last_b ? -1 : 0;
}

/* Too large for a stack. */
struct tws_fail_copies {
	struct tws_failure few[TWS_MEMO_FEW];
	u64 last[TWS_MEMO_ITEMS];
};

/* The number of the oldest failure that is one of the @most newest; 0 for all of them. */
static u64 tws_fail_oldest_of(struct tws_failtable *table, u64 since_ms,
			      unsigned int most, struct tws_fail_copies *copies)
{
	struct tws_memo_reader reader;
	unsigned int nr = 0, copied, i;

	tws_memo_read(&table->memo, &reader);
	while ((copied = tws_memo_copy(&table->memo, &reader, copies->few)))
		for (i = 0; i < copied; i++)
			if (copies->few[i].last_ms >= since_ms)
				copies->last[nr++] = copies->few[i].last;
	if (nr <= most)
		return 0;
	sort(copies->last, nr, sizeof(copies->last[0]), tws_fail_newest_first, NULL);
	return copies->last[most - 1];
}

/**
 * tws_failtable_recent() - the pairs that have failed lately
 * @table:	the table
 * @since_ms:	not before this time
 * @most:	how many pairs, at least 1: those that failed last
 * @take:	is called for each of them, in any order; false ends it
 * @ctx:	argument of @take
 *
 * Context: process context, may sleep; @take may sleep too.
 * Return: 0, or -ENOMEM.
 */
int tws_failtable_recent(struct tws_failtable *table, u64 since_ms,
			 unsigned int most,
			 bool (*take)(void *ctx, const struct tws_key *key),
			 void *ctx)
{
	struct tws_fail_copies *copies = kmalloc(sizeof(*copies), TWS_GFP);
	const struct tws_failure *failure;
	struct tws_memo_reader reader;
	unsigned int copied, i;
	u64 oldest;

	if (!copies)
		return -ENOMEM;
	oldest = tws_fail_oldest_of(table, since_ms, most, copies);
	tws_memo_read(&table->memo, &reader);
	while (most && (copied = tws_memo_copy(&table->memo, &reader, copies->few))) {
		for (i = 0; most && i < copied; i++) {
			failure = &copies->few[i];
			if (failure->last_ms >= since_ms && failure->last >= oldest)
				most = take(ctx, &failure->key) ? most - 1 : 0;
		}
	}
	kfree(copies);
	return 0;
}

void tws_failtable_reset(struct tws_failtable *table)
{
	unsigned long flags;

	tws_memo_reset(&table->memo);
	raw_spin_lock_irqsave(&table->memo.lock, flags);
	table->clock = 0;
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
}

/**
 * tws_failtable_end() - forget all failures, and take no more memory
 * @table:	the table
 *
 * Context: process context.
 */
void tws_failtable_end(struct tws_failtable *table)
{
	tws_memo_end(&table->memo);
}
