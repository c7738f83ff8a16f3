// SPDX-License-Identifier: GPL-2.0-only
/* One in so many, at random. */
#include <linux/math64.h>

#include "compute/sampler.h"
#include "samples.h"

static struct tws_sampler new_sampler(struct kunit *test)
{
	struct rnd_state random;
	struct tws_sampler s;

	tws_test_seed(test, &random);
	tws_sampler_init(&s, prandom_u32_state(&random));
	return s;
}

static u32 takes(struct tws_sampler *s, u32 one_in)
{
	return tws_sampler_passes(s) ? 0 : tws_sampler_decides(s, one_in);
}

/* From now on it is one in so many. */
static u32 taken_of(struct tws_sampler *s, u32 calls, u32 one_in)
{
	u32 i, taken = 0;

	tws_sampler_restart(s);
	for (i = 0; i < calls; i++)
		taken += !!takes(s, one_in);
	return taken;
}

/* The number that was taken may be off by this many standard deviations. */
#define SIGMAS	5

/* What is taken is within that of calls / one_in, whose variance is lower. */
static void expect_share(struct kunit *test, u32 taken, u32 calls, u32 one_in)
{
	const u32 want = calls / one_in;
	const u32 slack = SIGMAS * int_sqrt(want) + 1;

	KUNIT_EXPECT_LE(test, taken, want + slack);
	KUNIT_EXPECT_GE(test, taken + slack, want);
}

static void one_in_so_many(struct kunit *test)
{
	static const u32 one_ins[] = { 2, 3, 16, 64, 1000 };
	struct tws_sampler s = new_sampler(test);
	const u32 calls = 100000;
	int i;

	for (i = 0; i < ARRAY_SIZE(one_ins); i++)
		expect_share(test, taken_of(&s, calls, one_ins[i]), calls,
			     one_ins[i]);
}

/* Calls of 64 programs in turn: each gets its share of what is taken, not one all. */
static void no_pattern_is_followed(struct kunit *test)
{
	struct tws_sampler s = new_sampler(test);
	const u32 programs = 64, rounds = 10000, one_in = 64;
	u32 *taken = kunit_kcalloc(test, programs, sizeof(*taken), GFP_KERNEL);
	u32 i, j;

	KUNIT_ASSERT_NOT_NULL(test, taken);
	for (i = 0; i < rounds; i++)
		for (j = 0; j < programs; j++)
			taken[j] += !!takes(&s, one_in);
	for (j = 0; j < programs; j++)
		expect_share(test, taken[j], rounds, one_in);
}

/* Who is chosen stands for as many as there are of which one is chosen. */
static void stands_for_so_many(struct kunit *test)
{
	struct tws_sampler s = new_sampler(test);
	u32 i, taken;

	for (i = 0; i < 1000; i++) {
		taken = takes(&s, 10);
		KUNIT_ASSERT_TRUE(test, taken == 0 || taken == 10);
	}
}

static void all_and_none(struct kunit *test)
{
	struct tws_sampler s = new_sampler(test);

	KUNIT_EXPECT_EQ(test, taken_of(&s, 1000, 1), 1000);
	KUNIT_EXPECT_EQ(test, taken_of(&s, 1000, 0), 0);
	KUNIT_EXPECT_EQ(test, taken_of(&s, 1000, 1), 1000);
}

/* A long gap does not outlive the setting that it was drawn for. */
static void setting_changes_at_once(struct kunit *test)
{
	struct tws_sampler s = new_sampler(test);

	taken_of(&s, 10, TWS_ONE_IN_MAX);
	KUNIT_EXPECT_GE(test, taken_of(&s, 100, 10), 5);
}

/* A seed of 0 would never change. */
static void any_seed(struct kunit *test)
{
	struct tws_sampler s;

	tws_sampler_init(&s, 0);
	expect_share(test, taken_of(&s, 10000, 10), 10000, 10);
}

static struct kunit_case sampler_cases[] = {
	KUNIT_CASE(one_in_so_many),
	KUNIT_CASE(no_pattern_is_followed),
	KUNIT_CASE(stands_for_so_many),
	KUNIT_CASE(all_and_none),
	KUNIT_CASE(setting_changes_at_once),
	KUNIT_CASE(any_seed),
	{}
};

static struct kunit_suite sampler_suite = {
	.name = "tw_sampler",
	.test_cases = sampler_cases,
};

kunit_test_suite(sampler_suite);
