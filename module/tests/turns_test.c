// SPDX-License-Identifier: GPL-2.0-only
/* The share of a processor that monitors have together. */
#include "compute/turns.h"
#include "samples.h"

/* At 1% a job of 3 ms is followed by 297 ms of rest; at 100% by none. */
static void share_of_a_processor(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_turn_next_ns(1000, 3000000, 1, 1), 300001000);
	KUNIT_EXPECT_EQ(test, tws_turn_next_ns(1000, 3000000, 50, 1), 6001000);
	KUNIT_EXPECT_EQ(test, tws_turn_next_ns(1000, 3000000, 100, 1), 3001000);
	KUNIT_EXPECT_EQ(test, tws_turn_next_ns(0, 0, 1, 1), 0);
	/* Three owners of 3% have 1% each. */
	KUNIT_EXPECT_EQ(test, tws_turn_next_ns(1000, 3000000, 3, 3), 300001000);
}

/* Jobs of odd lengths that begin as soon as they may: never above the share. */
static void never_above_the_share(struct kunit *test)
{
	u64 now = 12345, used = 0;
	const u64 begin = now;
	u32 i;

	for (i = 1; i <= 1000; i++) {
		const u64 cost = i * 7919 % 100003;

		now = tws_turn_next_ns(now, cost, 3, 1);
		used += cost;
	}
	KUNIT_EXPECT_LE(test, used * 100, (now - begin) * 3 + 100 * 1000);
	KUNIT_EXPECT_GE(test, used * 100, (now - begin) * 29 / 10);
}

/*
 * Short jobs, each of which is woken up to 8 ms late: they get their share all the same, and
 * no more. One that comes much later has lost its pause.
 */
static void late_timers(struct kunit *test)
{
	const u64 cost = 270000, late = 8000000;
	u64 began = 0, start = 0;
	struct rnd_state random;
	u32 i;

	tws_test_seed(test, &random);
	for (i = 1; i <= 1000; i++) {
		const u64 allowed = tws_turn_next_ns(began, cost, 2, 1);

		start = allowed + tws_test_below(&random, late + 1);
		began = tws_turn_began_ns(allowed, start, late);
	}
	KUNIT_EXPECT_LE(test, i * cost * 100, (start + cost * 50) * 2);
	KUNIT_EXPECT_GE(test, i * cost * 1000, start * 19);
	KUNIT_EXPECT_EQ(test, tws_turn_began_ns(start, start + late + 1, late),
			start + late + 1);
	/* The budget has become smaller since. */
	KUNIT_EXPECT_EQ(test, tws_turn_began_ns(start, start - 1, late), start - 1);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(share_of_a_processor),
	KUNIT_CASE(never_above_the_share),
	KUNIT_CASE(late_timers),
	{}
};

static struct kunit_suite budget_suite = {
	.name = "tw_turns",
	.test_cases = budget_cases,
};

kunit_test_suite(budget_suite);
