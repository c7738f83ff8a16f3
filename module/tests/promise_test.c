// SPDX-License-Identifier: GPL-2.0-only
/* Which calls can prove a promise wrong. (What becomes of that: failtable_test.c) */
#include "compute/promise.h"
#include "samples.h"

/* Ninety-nine ports have been taken of a hundred that were promised. */
static enum tws_promised ask(int round, int round_now)
{
	const struct tws_terms terms = { .low = 1024, .high = 2047 };
	const struct tws_promise promise = { .until = 100, .at_ms = 1, .terms = terms };
	const atomic_t now = ATOMIC_INIT(round_now);
	const struct tws_failed_call call = {
		.at_ms = 2,
		.taken = 99,
		.round = round,
		.round_now = &now,
		.terms = terms,
	};

	return tws_promise_ask(&promise, &call);
}

/* A port may have come back behind a call that was under way when promises were made. */
static void calls_under_way(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ask(0, 0), TWS_PROMISE_BROKEN);
	KUNIT_EXPECT_EQ(test, ask(7, 7), TWS_PROMISE_BROKEN);
	KUNIT_EXPECT_EQ(test, ask(6, 7), TWS_PROMISE_HOLDS);
	KUNIT_EXPECT_EQ(test, ask(0, 7), TWS_PROMISE_HOLDS);
	/* The number comes round. */
	KUNIT_EXPECT_EQ(test, ask(INT_MAX, INT_MIN), TWS_PROMISE_HOLDS);
}

static struct kunit_case promise_cases[] = {
	KUNIT_CASE(calls_under_way),
	{}
};

static struct kunit_suite promise_suite = {
	.name = "tw_promise",
	.test_cases = promise_cases,
};

kunit_test_suite(promise_suite);
