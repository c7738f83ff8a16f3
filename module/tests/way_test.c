// SPDX-License-Identifier: GPL-2.0-only
/* Which kernels' chains may be read without their locks. */
#include <linux/version.h>

#include "compat/handover.h"
#include "compute/way.h"
#include "samples.h"
#include "walk/lists.h"

struct release {
	u32 version;
	enum tws_handover handover;
};

/* The last release before each change, and the first one with it. */
static const struct release releases[] = {
	{ KERNEL_VERSION(5, 10, 0), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(5, 10, 165), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(5, 10, 166), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(5, 10, 187), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(5, 10, 188), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(5, 10, 247), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(5, 15, 90), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(5, 15, 91), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(5, 15, 122), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(5, 15, 123), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 1, 8), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 1, 9), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(6, 1, 41), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(6, 1, 42), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 1, 159), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 2, 0), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(6, 3, 13), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(6, 4, 6), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(6, 4, 7), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 5, 0), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 12, 62), TWS_HANDOVER_DELETES },
	{ KERNEL_VERSION(6, 18, 0), TWS_HANDOVER_DELETES },
	/* A distribution's, which may have taken anything over. */
	{ KERNEL_VERSION(5, 14, 0), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(5, 19, 17), TWS_HANDOVER_UNKNOWN },
	/* Newer than the function that the headers should have. */
	{ KERNEL_VERSION(6, 19, 0), TWS_HANDOVER_UNKNOWN },
	{ KERNEL_VERSION(7, 3, 4), TWS_HANDOVER_UNKNOWN },
};

static void history_of_handovers(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		KUNIT_EXPECT_EQ_MSG(test, tws_compat_handover_of(releases[i].version, false),
				    releases[i].handover, "%x", releases[i].version);
		KUNIT_EXPECT_EQ(test, tws_compat_handover_of(releases[i].version, true),
				TWS_HANDOVER_GAPLESS);
	}
}

static void ways(struct kunit *test)
{
	struct tws_way_facts facts = {
		.ordered = true,
		.handover = true,
		.lists = true,
	};

	KUNIT_EXPECT_EQ(test, tws_way_of(&facts, TWS_CHOICE_NONE), TWS_WAY_UNLOCKED);
	KUNIT_EXPECT_EQ(test, tws_way_of(&facts, TWS_CHOICE_YES), TWS_WAY_ASKED);
	facts.newer = true;
	KUNIT_EXPECT_EQ(test, tws_way_of(&facts, TWS_CHOICE_NONE), TWS_WAY_NEWER);
	KUNIT_EXPECT_EQ(test, tws_way_of(&facts, TWS_CHOICE_NO), TWS_WAY_UNLOCKED);
	KUNIT_EXPECT_EQ(test, tws_way_of(&facts, TWS_CHOICE_YES), TWS_WAY_ASKED);
}

/* What is known to be against it cannot be wished away. */
static void ways_that_are_shut(struct kunit *test)
{
	const struct {
		struct tws_way_facts facts;
		enum tws_way way;
	} shut[] = {
		{ { false, true, true, false }, TWS_WAY_MEMORY },
		{ { true, false, true, false }, TWS_WAY_ORDER },
		{ { true, true, false, false }, TWS_WAY_LISTS },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(shut); i++) {
		KUNIT_EXPECT_EQ(test, tws_way_of(&shut[i].facts, TWS_CHOICE_NONE),
				shut[i].way);
		KUNIT_EXPECT_EQ(test, tws_way_of(&shut[i].facts, TWS_CHOICE_NO),
				shut[i].way);
	}
}

static void lists_of_this_kernel(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tws_lists_as_argued());
}

static struct kunit_case way_cases[] = {
	KUNIT_CASE(history_of_handovers),
	KUNIT_CASE(ways),
	KUNIT_CASE(ways_that_are_shut),
	KUNIT_CASE(lists_of_this_kernel),
	{}
};

static struct kunit_suite way_suite = {
	.name = "tw_way",
	.test_cases = way_cases,
};

kunit_test_suite(way_suite);
