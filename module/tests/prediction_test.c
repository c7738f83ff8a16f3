// SPDX-License-Identifier: GPL-2.0-only
/* Which calls can prove a prediction wrong. (What becomes of that: failtable_test.c) */
#include "compute/prediction.h"
#include "samples.h"

/* Ninety-nine ports have been taken of a hundred that were predicted. */
static enum tws_checked ask(int round, int round_now)
{
	const struct tws_predict_settings settings = { .low = 1024, .high = 2047 };
	const struct tws_prediction prediction = { .until = 100, .at_ms = 1, .settings = settings };
	const atomic_t now = ATOMIC_INIT(round_now);
	const struct tws_failed_call call = {
		.at_ms = 2,
		.ports_taken = 99,
		.round = round,
		.round_now = &now,
		.settings = settings,
	};

	return tws_prediction_check(&prediction, &call);
}

/* A port may have come back behind a call that was under way when predictions were made. */
static void calls_under_way(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ask(0, 0), TWS_PREDICTION_WRONG);
	KUNIT_EXPECT_EQ(test, ask(7, 7), TWS_PREDICTION_WRONG);
	KUNIT_EXPECT_EQ(test, ask(6, 7), TWS_PREDICTION_HOLDS);
	KUNIT_EXPECT_EQ(test, ask(0, 7), TWS_PREDICTION_HOLDS);
	/* The number comes round. */
	KUNIT_EXPECT_EQ(test, ask(INT_MAX, INT_MIN), TWS_PREDICTION_HOLDS);
}

static struct kunit_case prediction_cases[] = {
	KUNIT_CASE(calls_under_way),
	{}
};

static struct kunit_suite prediction_suite = {
	.name = "tw_prediction",
	.test_cases = prediction_cases,
};

kunit_test_suite(prediction_suite);
