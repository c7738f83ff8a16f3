// SPDX-License-Identifier: GPL-2.0-only
/* Failed connect() calls, counted in memory of a fixed size. */
#include <linux/mm.h>

#include "compute/failtable.h"
#include "samples.h"

static void free_table(void *table)
{
	tws_failtable_reset(table);
	kvfree(table);
}

static struct tws_failtable *new_table_of(struct kunit *test, u16 most)
{
	struct tws_failtable *table = kvzalloc(sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	tws_failtable_init(table, 1, most, tws_test_reserve(test));
	/* Before the reserve goes. */
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_table,
							table), 0);
	return table;
}

static struct tws_failtable *new_table(struct kunit *test)
{
	return new_table_of(test, TWS_MEMO_ITEMS);
}

/* True if another pair was forgotten for it. */
static bool fail_at(struct tws_failtable *table, u32 number, u64 now_ms)
{
	const struct tws_key key = tws_test_key(number);
	const struct tws_failed_call call = { .at_ms = now_ms };
	enum tws_checked checked;

	return tws_failtable_add(table, &key, &call, &checked);
}

static bool fail(struct tws_failtable *table, u32 number)
{
	return fail_at(table, number, 1);
}

static u32 failed(struct tws_failtable *table, u32 number)
{
	const struct tws_key key = tws_test_key(number);
	u64 last_ms;

	return tws_failtable_count(table, &key, &last_ms);
}

/* Three of one pair, one of another; the third never failed. */
static void counts_each_pair(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	fail(table, 1);
	fail(table, 2);
	fail(table, 1);
	fail(table, 1);
	KUNIT_EXPECT_EQ(test, failed(table, 1), 3);
	KUNIT_EXPECT_EQ(test, failed(table, 2), 1);
	KUNIT_EXPECT_EQ(test, failed(table, 3), 0);
}

/* Each pair has the time of its last failure, not of the first, nor of another one. */
static void knows_the_last(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	const struct tws_key pair = tws_test_key(1), other = tws_test_key(3);
	u64 last_ms;

	fail_at(table, 1, 1000);
	fail_at(table, 1, 7000);
	fail_at(table, 2, 9000);
	KUNIT_EXPECT_EQ(test, tws_failtable_count(table, &pair, &last_ms), 2);
	KUNIT_EXPECT_EQ(test, last_ms, 7000);
	KUNIT_EXPECT_EQ(test, tws_failtable_count(table, &other, &last_ms), 0);
}

/* After a reset all begin at 0. */
static void reset_forgets_all(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	u32 i;

	for (i = 0; i < 20; i++)
		fail(table, i);
	tws_failtable_reset(table);
	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_EQ(test, failed(table, i), 0);
	fail(table, 1);
	KUNIT_EXPECT_EQ(test, failed(table, 1), 1);
}

/*
 * 5,000 pairs where 512 have room, each failing once but the first, which fails
 * again after each of the others: it is never the oldest, and stays.
 */
static void forgets_the_oldest(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	const u32 pairs = 5000;
	u32 i, kept = 0, wrong = 0, forgotten = 0;

	fail(table, 0);
	for (i = 1; i < pairs; i++) {
		forgotten += fail(table, i);
		fail(table, 0);
	}
	KUNIT_EXPECT_EQ(test, failed(table, 0), pairs);
	KUNIT_EXPECT_EQ(test, failed(table, pairs - 1), 1);
	for (i = 0; i < pairs; i++) {
		const u32 count = failed(table, i);

		kept += !!count;
		wrong += i && count > 1;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, kept, TWS_MEMO_ITEMS);
	/* What is not there any more was forgotten, and that was told. */
	KUNIT_EXPECT_EQ(test, forgotten, pairs - kept);
}

/* A table may have fewer pairs, however much memory the reserve has. */
static void has_its_bound(struct kunit *test)
{
	struct tws_failtable *table = new_table_of(test, 20);
	u32 i, kept = 0, forgotten = 0;

	for (i = 0; i < 100; i++)
		forgotten += fail(table, i);
	for (i = 0; i < 100; i++)
		kept += failed(table, i);
	KUNIT_EXPECT_EQ(test, kept, 20);
	KUNIT_EXPECT_EQ(test, forgotten, 80);
	KUNIT_EXPECT_EQ(test, failed(table, 99), 1);
}

/* Failures of all pairs, and when the last one was; after a reset none. */
static void counts_all(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	u64 last_ms;
	u32 i;

	KUNIT_EXPECT_EQ(test, tws_failtable_all(table, &last_ms), 0);
	/* Forgotten pairs have failed too. */
	for (i = 0; i < 100; i++)
		fail_at(table, i, 5000 + i);
	KUNIT_EXPECT_EQ(test, tws_failtable_all(table, &last_ms), 100);
	KUNIT_EXPECT_EQ(test, last_ms, 5099);
	tws_failtable_reset(table);
	KUNIT_EXPECT_EQ(test, tws_failtable_all(table, &last_ms), 0);
}

/* What was taken: how many, and the sum of their numbers. */
struct taken {
	u32 nr;
	u32 sum;
	u32 most;
};

static bool take(void *ctx, const struct tws_key *key)
{
	struct taken *taken = ctx;

	if (taken->nr == taken->most)
		return false;
	taken->nr++;
	taken->sum += tws_test_key_number(key);
	return true;
}

static void expect_recent(struct kunit *test, struct tws_failtable *table,
			  u64 since_ms, unsigned int most, u32 nr, u32 sum)
{
	struct taken taken = { .most = U32_MAX };

	KUNIT_EXPECT_EQ(test, tws_failtable_recent(table, since_ms, most, take,
						   &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, nr);
	KUNIT_EXPECT_EQ(test, taken.sum, sum);
}

/* The pairs 1, 2 and 3 fail at 100, 200 and 300 ms, and 1 again at 250. */
static void recent_pairs(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	expect_recent(test, table, 0, 256, 0, 0);
	fail_at(table, 1, 100);
	fail_at(table, 2, 200);
	fail_at(table, 1, 250);
	fail_at(table, 3, 300);
	expect_recent(test, table, 0, 256, 3, 6);
	expect_recent(test, table, 201, 256, 2, 4);
	expect_recent(test, table, 300, 256, 1, 3);
	expect_recent(test, table, 301, 256, 0, 0);
	expect_recent(test, table, 0, 2, 2, 4);
	expect_recent(test, table, 0, 1, 1, 3);
}

/* Of 200 pairs the 50 newest; and one who has enough ends it. */
static void newest_of_many(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	struct taken taken = { .most = 3 };
	u32 i;

	for (i = 0; i < 200; i++)
		fail_at(table, i, 1000 + i);
	expect_recent(test, table, 0, 50, 50, (150 + 199) * 50 / 2);
	KUNIT_EXPECT_EQ(test, tws_failtable_recent(table, 0, 50, take, &taken),
			0);
	KUNIT_EXPECT_EQ(test, taken.nr, 3);
}

static const struct tws_predict_settings some_settings = {
	.low = 1024,
	.high = 2047,
	.switches = 7,
};

static u32 predict(struct tws_failtable *table, u64 until, u64 at_ms, u32 reserved)
{
	const struct tws_key key = tws_test_key(1);
	struct tws_prediction prediction = {
		.until = until,
		.at_ms = at_ms,
		.settings = some_settings,
	};

	prediction.settings.reserved = reserved;
	return tws_failtable_predict(table, &key, &prediction);
}

static enum tws_checked fail_with(struct tws_failtable *table,
				  const struct tws_predict_settings *settings, u64 taken,
				  u64 now_ms)
{
	const struct tws_key key = tws_test_key(1);
	static const atomic_t round = ATOMIC_INIT(0);
	const struct tws_failed_call call = {
		.at_ms = now_ms,
		.ports_taken = taken,
		.round_now = &round,
		.settings = *settings,
	};
	enum tws_checked checked;

	tws_failtable_add(table, &key, &call, &checked);
	return checked;
}

static enum tws_checked fail_after(struct tws_failtable *table, u64 taken, u64 now_ms)
{
	return fail_with(table, &some_settings, taken, now_ms);
}

/* Before the hundredth port is taken no call may fail; for ten seconds. */
static void wrong_predictions(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	KUNIT_EXPECT_EQ(test, fail_after(table, 3, 1), TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 500, 0), 0);
	KUNIT_EXPECT_EQ(test, fail_after(table, 100, 600), TWS_PREDICTION_HOLDS);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 1000, 0), 0);
	KUNIT_EXPECT_EQ(test, fail_after(table, 99, 1001), TWS_PREDICTION_WRONG);
	KUNIT_EXPECT_EQ(test, fail_after(table, 0, 11000), TWS_PREDICTION_WRONG);
	KUNIT_EXPECT_EQ(test, fail_after(table, 99, 11001), TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, predict(table, 200, 12000, 0), 2);
	KUNIT_EXPECT_EQ(test, predict(table, 200, 12000, 0), 0);
}

/* Nothing was predicted for other settings; and they may change back. */
static void predictions_of_other_settings(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	fail_after(table, 0, 1);
	predict(table, 100, 1, 0);
	fail_after(table, 50, 2);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 3, 7), 0);
	fail_after(table, 50, 4);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 5, 7), 1);
}

/* Other settings when the call failed; the snapshots before and after it agree. */
static void calls_with_other_settings(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	struct tws_predict_settings other[3] = { some_settings, some_settings, some_settings };
	int i;

	other[0].low++;
	other[1].high--;
	other[2].switches++;
	fail_after(table, 0, 1);
	predict(table, 100, 1, 5);
	for (i = 0; i < ARRAY_SIZE(other); i++)
		KUNIT_EXPECT_EQ(test, fail_with(table, &other[i], 50, 2),
				TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 3, 5), 0);
	KUNIT_EXPECT_EQ(test, fail_after(table, 50, 4), TWS_PREDICTION_WRONG);
	KUNIT_EXPECT_EQ(test, predict(table, 100, 5, 5), 1);
}

/* The range is being written: when the snapshot is taken, or the call fails, or both. */
static void range_is_not_known(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	const struct tws_predict_settings unknown = { .switches = some_settings.switches };
	const struct tws_key key = tws_test_key(1);
	struct tws_prediction prediction = { .until = 100, .at_ms = 3, .settings = unknown };

	fail_after(table, 0, 1);
	predict(table, 100, 1, 0);
	KUNIT_EXPECT_EQ(test, fail_with(table, &unknown, 50, 2), TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, tws_failtable_predict(table, &key, &prediction), 0);
	KUNIT_EXPECT_EQ(test, fail_after(table, 50, 4), TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, fail_with(table, &unknown, 50, 4), TWS_NOT_PREDICTED);
	KUNIT_EXPECT_EQ(test, tws_failtable_predict(table, &key, &prediction), 0);
}

/* Each mode with each of two delays, with VRFs taken as one and not. */
static void settings_of_reuse_are_told_apart(struct kunit *test)
{
	u16 told[12];
	int i, k;

	for (i = 0; i < ARRAY_SIZE(told); i++)
		told[i] = tws_predict_switches(i % 3, i % 6 < 3 ? 1000 : 1001, i < 6);
	for (i = 0; i < ARRAY_SIZE(told); i++)
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_NE(test, told[i], told[k]);
}

/* The last port of an odd range is not for certain. A range of one port has one. */
static void predictions_of_odd_ranges(struct kunit *test)
{
	struct tws_predict_settings settings = { .low = 1024, .high = 1083 };

	KUNIT_EXPECT_EQ(test, tws_predict(60, 0, &settings), 60);
	settings.high++;
	KUNIT_EXPECT_EQ(test, tws_predict(60, 0, &settings), 59);
	KUNIT_EXPECT_EQ(test, tws_predict(1, 0, &settings), 0);
	KUNIT_EXPECT_EQ(test, tws_predict(0, 0, &settings), 0);
	KUNIT_EXPECT_EQ(test, tws_predict(60, 10, &settings), 49);
	KUNIT_EXPECT_EQ(test, tws_predict(60, 60, &settings), 0);
	settings.high = settings.low;
	KUNIT_EXPECT_EQ(test, tws_predict(1, 0, &settings), 1);
	settings.low = 0;
	settings.high = 65535;
	KUNIT_EXPECT_EQ(test, tws_predict(65536, 0, &settings), 65536);
}

static struct kunit_case failtable_cases[] = {
	KUNIT_CASE(calls_with_other_settings),
	KUNIT_CASE(range_is_not_known),
	KUNIT_CASE(settings_of_reuse_are_told_apart),
	KUNIT_CASE(predictions_of_odd_ranges),
	KUNIT_CASE(wrong_predictions),
	KUNIT_CASE(predictions_of_other_settings),
	KUNIT_CASE(knows_the_last),
	KUNIT_CASE(counts_all),
	KUNIT_CASE(recent_pairs),
	KUNIT_CASE(newest_of_many),
	KUNIT_CASE(counts_each_pair),
	KUNIT_CASE(knows_the_last),
	KUNIT_CASE(reset_forgets_all),
	KUNIT_CASE(forgets_the_oldest),
	KUNIT_CASE(has_its_bound),
	{}
};

static struct kunit_suite failtable_suite = {
	.name = "tw_failtable",
	.test_cases = failtable_cases,
};

kunit_test_suite(failtable_suite);
