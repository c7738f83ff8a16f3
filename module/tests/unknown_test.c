// SPDX-License-Identifier: GPL-2.0-only
/* When a monitor says that it knows no level any more. */
#include <kunit/test.h>

#include "compute/watch.h"

/* The looks, as "+" (it knew) and "-", and what they change: lost, back, or nothing. */
static void expect_news(struct kunit *test, const char *looks, const char *news)
{
	static const char marks[] = {
		[TWS_UNKNOWN_NO_NEWS] = '.',
		[TWS_UNKNOWN_LOST] = 'L',
		[TWS_UNKNOWN_BACK] = 'B',
	};
	struct tws_unknown unknown = {};
	unsigned int i;

	for (i = 0; looks[i]; i++)
		KUNIT_EXPECT_EQ_MSG(test, marks[tws_unknown_look(&unknown, looks[i] == '+')],
				    news[i], "look %u of %s", i, looks);
}

static void third_look_in_a_row(struct kunit *test)
{
	expect_news(test, "+--+--+", ".......");
	expect_news(test, "+---", "...L");
	expect_news(test, "---", "..L");
}

static void told_once(struct kunit *test)
{
	expect_news(test, "--------", "..L.....");
	expect_news(test, "----+++", "..L.B..");
	expect_news(test, "---+---+--+", "..LB..LB...");
}

static struct kunit_case unknown_cases[] = {
	KUNIT_CASE(third_look_in_a_row),
	KUNIT_CASE(told_once),
	{}
};

static struct kunit_suite unknown_suite = {
	.name = "tw_unknown",
	.test_cases = unknown_cases,
};

kunit_test_suite(unknown_suite);
