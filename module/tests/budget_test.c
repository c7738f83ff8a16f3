// SPDX-License-Identifier: GPL-2.0-only
/* The share of a processor that monitors have together. */
#include "compute/budget.h"
#include "samples.h"

/* At 1% a job of 3 ms is followed by 297 ms of rest; at 100% by none. */
static void share_of_a_processor(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_budget_next_ns(1000, 3000000, 1), 300001000);
	KUNIT_EXPECT_EQ(test, tws_budget_next_ns(1000, 3000000, 50), 6001000);
	KUNIT_EXPECT_EQ(test, tws_budget_next_ns(1000, 3000000, 100), 3001000);
	KUNIT_EXPECT_EQ(test, tws_budget_next_ns(0, 0, 1), 0);
}

/* Jobs of odd lengths that begin as soon as they may: never above the share. */
static void never_above_the_share(struct kunit *test)
{
	u64 now = 12345, used = 0;
	const u64 begin = now;
	u32 i;

	for (i = 1; i <= 1000; i++) {
		const u64 cost = i * 7919 % 100003;

		now = tws_budget_next_ns(now, cost, 3);
		used += cost;
	}
	KUNIT_EXPECT_LE(test, used * 100, (now - begin) * 3 + 100 * 1000);
	KUNIT_EXPECT_GE(test, used * 100, (now - begin) * 29 / 10);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(share_of_a_processor),
	KUNIT_CASE(never_above_the_share),
	{}
};

static struct kunit_suite budget_suite = {
	.name = "tw_budget",
	.test_cases = budget_cases,
};

kunit_test_suite(budget_suite);
