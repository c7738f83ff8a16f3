// SPDX-License-Identifier: GPL-2.0-only
/* Levels and the use of a destination's ports. */
#include <kunit/test.h>
#include <linux/limits.h>

#include "compute/level.h"

static const struct tws_thresholds defaults = TWS_DEFAULT_THRESHOLDS;

/* 1,000 usable ports, 80% and 95%: the edges of each level. */
static void edges_of_the_levels(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_level(1000, 1000, &defaults), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 201, &defaults), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 200, &defaults), TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 51, &defaults), TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 50, &defaults), TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 1, &defaults), TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 0, &defaults), TWS_LEVEL_FULL);
}

/* 28,229 ports, 22,583 used: 79.999%. One more: 80.002%. */
static void percent_is_not_rounded(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_level(28229, 28229 - 22583, &defaults),
			TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(28229, 28229 - 22584, &defaults),
			TWS_LEVEL_WARN);
}

/* A range that is wholly reserved, and one of a single port. */
static void hardly_any_ports(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_level(0, 0, &defaults), TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, tws_level(1, 0, &defaults), TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, tws_level(1, 1, &defaults), TWS_LEVEL_OK);
}

/* warn=100 crit=100: only full is bad. warn=crit=50: there is no warn. */
static void unusual_thresholds(struct kunit *test)
{
	static const struct tws_thresholds late = { .warn = 100, .crit = 100 };
	static const struct tws_thresholds half = { .warn = 50, .crit = 50 };

	KUNIT_EXPECT_EQ(test, tws_level(1000, 1, &late), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 0, &late), TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 501, &half), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(1000, 500, &half), TWS_LEVEL_CRIT);
}

/* Rounded down: 999 of 1,000 is 99.9%, 28,228 of 28,229 is 99.9% too. */
static void use_in_tenths_of_a_percent(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_use_permille(1000, 1000), 0);
	KUNIT_EXPECT_EQ(test, tws_use_permille(1000, 1), 999);
	KUNIT_EXPECT_EQ(test, tws_use_permille(1000, 0), 1000);
	KUNIT_EXPECT_EQ(test, tws_use_permille(28229, 1), 999);
	KUNIT_EXPECT_EQ(test, tws_use_permille(28229, 28228), 0);
	KUNIT_EXPECT_EQ(test, tws_use_permille(3, 2), 333);
	KUNIT_EXPECT_EQ(test, tws_use_permille(0, 0), 1000);
}

/* More ports than there are: nothing overflows. */
static void huge_numbers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_use_permille(U32_MAX, 0), 1000);
	KUNIT_EXPECT_EQ(test, tws_use_permille(U32_MAX, U32_MAX), 0);
	KUNIT_EXPECT_EQ(test, tws_level(U32_MAX, U32_MAX, &defaults), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, tws_level(U32_MAX, 1, &defaults), TWS_LEVEL_CRIT);
}

static struct kunit_case level_cases[] = {
	KUNIT_CASE(edges_of_the_levels),
	KUNIT_CASE(percent_is_not_rounded),
	KUNIT_CASE(hardly_any_ports),
	KUNIT_CASE(unusual_thresholds),
	KUNIT_CASE(use_in_tenths_of_a_percent),
	KUNIT_CASE(huge_numbers),
	{}
};

static struct kunit_suite level_suite = {
	.name = "tw_level",
	.test_cases = level_cases,
};

kunit_test_suite(level_suite);
