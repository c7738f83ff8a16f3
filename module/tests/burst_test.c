// SPDX-License-Identifier: GPL-2.0-only
/*
 * A burst of failures from a standing start, in two namespaces at once, while nobody
 * brings memory: what the reserve has is enough, whatever the seeds of the tables.
 */
#include "compute/callertable.h"
#include "compute/failtable.h"
#include "samples.h"

#define PAIRS	256
#define SEEDS	100

/* What a namespace has. */
struct space {
	struct tws_failtable failures;
	struct tws_callertable callers;
};

/* A pair fails, and its caller. True if another one of either was forgotten. */
static bool fail(struct space *space, u32 number)
{
	const struct tws_failed_call failed = { .at_ms = 1 };
	const struct tws_call call = {
		.key.pair = tws_test_key(number),
		.key.comm = "burst",
		.end = TWS_CALL_FAILED,
	};
	enum tws_checked checked;
	bool forgot = tws_failtable_add(&space->failures, &call.key.pair, &failed, &checked);

	return tws_callertable_add(&space->callers, &call) | forgot;
}

/* The pairs that are not there, or not as often as they have failed. */
static u32 lost(struct space *space, u32 times)
{
	struct tws_key key;
	u32 number, nr = 0;
	u64 last_ms;

	for (number = 0; number < PAIRS; number++) {
		key = tws_test_key(number);
		nr += tws_failtable_count(&space->failures, &key, &last_ms) != times;
	}
	return nr;
}

/* The callers that are there with so many failures. */
static u32 callers_with(struct kunit *test, struct space *space, u32 fails)
{
	struct tws_caller_copy *copy;
	LIST_HEAD(list);
	u64 forgotten;
	u32 nr = 0;

	KUNIT_EXPECT_EQ(test, tws_callertable_list(&space->callers, &list, &forgotten), 0);
	list_for_each_entry(copy, &list, list)
		nr += copy->caller.fails == fails;
	tws_callertable_unlist(&list);
	KUNIT_EXPECT_EQ(test, forgotten, 0);
	return nr;
}

static void end(struct space *space)
{
	tws_failtable_end(&space->failures);
	tws_callertable_end(&space->callers);
}

static void burst(struct kunit *test, struct space *spaces, u32 seed,
		  struct tws_reserve *reserve)
{
	u32 i, number, times, forgotten = 0;

	for (i = 0; i < 2; i++) {
		tws_failtable_init(&spaces[i].failures, seed + i, TWS_MEMO_ITEMS,
				   reserve);
		tws_callertable_init(&spaces[i].callers, seed - i, reserve);
	}
	for (times = 0; times < 2; times++)
		for (number = 0; number < PAIRS; number++)
			for (i = 0; i < 2; i++)
				forgotten += fail(&spaces[i], number);
	KUNIT_EXPECT_EQ_MSG(test, forgotten, 0, "seed %u", seed);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ_MSG(test, lost(&spaces[i], 2), 0, "seed %u", seed);
		KUNIT_EXPECT_EQ_MSG(test, callers_with(test, &spaces[i], 2), PAIRS,
				    "seed %u", seed);
		end(&spaces[i]);
	}
}

static void loses_nothing(struct kunit *test)
{
	struct tws_reserve *reserve = tws_test_reserve(test);
	struct space *spaces = kunit_kcalloc(test, 2, sizeof(*spaces), GFP_KERNEL);
	struct rnd_state random;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, spaces);
	tws_test_seed(test, &random);
	for (i = 0; i < SEEDS; i++) {
		burst(test, spaces, prandom_u32_state(&random), reserve);
		KUNIT_ASSERT_TRUE(test, tws_reserve_fill(reserve));
	}
}

static struct kunit_case burst_cases[] = {
	KUNIT_CASE(loses_nothing),
	{}
};

static struct kunit_suite burst_suite = {
	.name = "tw_burst",
	.test_cases = burst_cases,
};

kunit_test_suite(burst_suite);
