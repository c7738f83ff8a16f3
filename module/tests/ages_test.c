// SPDX-License-Identifier: GPL-2.0-only
/* Bins of age, the rate of closes and the next expiry. */
#include "compute/ages.h"
#include "samples.h"

/* Left 60,000 ms: just closed. Left 0: on its way out, in the oldest bin. */
static void bins_at_their_edges(struct kunit *test)
{
	static const struct {
		u32 left_ms;
		unsigned int bin;
	} examples[] = {
		{ 60000, 0 }, { 59999, 0 }, { 59001, 0 }, { 59000, 1 },
		{ 58001, 1 }, { 58000, 2 }, { 50001, 9 }, { 50000, 10 },
		{ 1001, 58 }, { 1000, 59 }, { 999, 59 }, { 1, 59 }, { 0, 59 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(examples); i++)
		KUNIT_EXPECT_EQ_MSG(test, tws_age_bin(examples[i].left_ms),
				    examples[i].bin, "left %u ms",
				    examples[i].left_ms);
}

/* A timer that is due later than a TIME_WAIT can be: it has just closed. */
static void longer_than_a_life(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_age_bin(60001), 0);
	KUNIT_EXPECT_EQ(test, tws_age_bin(U32_MAX), 0);
}

/* 1 socket of age 0, 2 of age 1, ... : the first ten bins make 55, 5.5/s. */
static void rate_is_of_ten_seconds(struct kunit *test)
{
	u32 age[TWS_AGE_BINS];
	u32 i;

	for (i = 0; i < TWS_AGE_BINS; i++)
		age[i] = i + 1;
	KUNIT_EXPECT_EQ(test, tws_closes_10s(age), 55);

	memset(age, 0, sizeof(age));
	age[10] = 1000;
	KUNIT_EXPECT_EQ(test, tws_closes_10s(age), 0);
	age[9] = 7;
	KUNIT_EXPECT_EQ(test, tws_closes_10s(age), 7);
}

static void count_one(struct tws_row *row, u8 state, u32 left_ms)
{
	struct tws_tuple t = tws_test_tuple();

	t.state = state;
	t.left_ms = left_ms;
	tws_row_add_socket(row, &t);
}

/*
 * Three TIME_WAITs that end in 30 s, 2.5 s and 59.5 s: the next is the second.
 * Sockets of other states have no age, whatever stands in their left_ms.
 */
static void next_is_the_first_to_end(struct kunit *test)
{
	struct tws_row row = { .next_ms = TWS_NEVER };

	count_one(&row, TWS_STATE_ESTABLISHED, 0);
	count_one(&row, TWS_STATE_FIN_WAIT2, 0);
	count_one(&row, TWS_STATE_OTHER, 0);
	KUNIT_EXPECT_EQ(test, row.next_ms, TWS_NEVER);
	count_one(&row, TWS_STATE_TIME_WAIT, 30000);
	KUNIT_EXPECT_EQ(test, row.next_ms, 30000);
	count_one(&row, TWS_STATE_TIME_WAIT, 2500);
	count_one(&row, TWS_STATE_TIME_WAIT, 59500);
	KUNIT_EXPECT_EQ(test, row.next_ms, 2500);

	KUNIT_EXPECT_EQ(test, row.sockets, 6);
	KUNIT_EXPECT_EQ(test, row.count[TWS_STATE_TIME_WAIT], 3);
	KUNIT_EXPECT_EQ(test, row.count[TWS_STATE_FIN_WAIT2], 1);
	KUNIT_EXPECT_EQ(test, row.count[TWS_STATE_ESTABLISHED], 1);
	KUNIT_EXPECT_EQ(test, row.count[TWS_STATE_OTHER], 1);
	KUNIT_EXPECT_EQ(test, row.age[0], 1);
	KUNIT_EXPECT_EQ(test, row.age[30], 1);
	KUNIT_EXPECT_EQ(test, row.age[57], 1);
	KUNIT_EXPECT_EQ(test, tws_closes_10s(row.age), 1);
}

static struct kunit_case ages_cases[] = {
	KUNIT_CASE(bins_at_their_edges),
	KUNIT_CASE(longer_than_a_life),
	KUNIT_CASE(rate_is_of_ten_seconds),
	KUNIT_CASE(next_is_the_first_to_end),
	{}
};

static struct kunit_suite ages_suite = {
	.name = "tw_ages",
	.test_cases = ages_cases,
};

kunit_test_suite(ages_suite);
