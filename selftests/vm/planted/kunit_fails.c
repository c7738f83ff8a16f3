// SPDX-License-Identifier: GPL-2.0-only
/* Planted: a KUnit case that fails, between two that pass. */
#include <linux/module.h>
#include <kunit/test.h>

static void passes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 2, 1 + 1);
}

static void fails(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 3, 1 + 1);
}

static void passes_too(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, true);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(passes),
	KUNIT_CASE(fails),
	KUNIT_CASE(passes_too),
	{}
};

static struct kunit_suite suite = {
	.name = "planted_kunit_failure",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("Planted: a KUnit case that fails");
MODULE_LICENSE("GPL");
