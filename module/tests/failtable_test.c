// SPDX-License-Identifier: GPL-2.0-only
/* Failed connect() calls, counted in memory of a fixed size. */
#include <linux/mm.h>

#include "compute/failtable.h"
#include "samples.h"

#define NETNS		4026531840u
#define OTHER_NETNS	4026532000u

static void free_table(void *table)
{
	kvfree(table);
}

static struct tws_failtable *new_table(struct kunit *test)
{
	struct tws_failtable *table = kvzalloc(sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_table,
							table), 0);
	tws_failtable_init(table, 1);
	return table;
}

static void fail(struct tws_failtable *table, u32 number, unsigned int netns)
{
	const struct tws_key key = tws_test_key(number);

	tws_failtable_add(table, &key, netns);
}

static u32 failed(struct tws_failtable *table, u32 number, unsigned int netns)
{
	const struct tws_key key = tws_test_key(number);

	return tws_failtable_count(table, &key, netns);
}

/* Three of one pair, one of another; the third never failed. */
static void counts_each_pair(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	fail(table, 1, NETNS);
	fail(table, 2, NETNS);
	fail(table, 1, NETNS);
	fail(table, 1, NETNS);
	KUNIT_EXPECT_EQ(test, failed(table, 1, NETNS), 3);
	KUNIT_EXPECT_EQ(test, failed(table, 2, NETNS), 1);
	KUNIT_EXPECT_EQ(test, failed(table, 3, NETNS), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&table->forgotten), 0);
}

/* The same pair in two namespaces; then one of these is no more. */
static void namespaces_are_apart(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);

	fail(table, 1, NETNS);
	fail(table, 1, OTHER_NETNS);
	fail(table, 1, OTHER_NETNS);
	KUNIT_EXPECT_EQ(test, failed(table, 1, NETNS), 1);
	KUNIT_EXPECT_EQ(test, failed(table, 1, OTHER_NETNS), 2);
	tws_failtable_drop(table, OTHER_NETNS);
	KUNIT_EXPECT_EQ(test, failed(table, 1, NETNS), 1);
	KUNIT_EXPECT_EQ(test, failed(table, 1, OTHER_NETNS), 0);
	/* Its number is used again: from the beginning. */
	fail(table, 1, OTHER_NETNS);
	KUNIT_EXPECT_EQ(test, failed(table, 1, OTHER_NETNS), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&table->forgotten), 0);
}

/*
 * 20,000 pairs where 4,096 have room, each failing once but the first, which
 * fails again after each of the others: it is never the oldest, and stays.
 */
static void forgets_the_oldest(struct kunit *test)
{
	struct tws_failtable *table = new_table(test);
	const u32 pairs = 20000;
	u32 i, kept = 0, wrong = 0;

	fail(table, 0, NETNS);
	for (i = 1; i < pairs; i++) {
		fail(table, i, NETNS);
		fail(table, 0, NETNS);
	}
	KUNIT_EXPECT_EQ(test, failed(table, 0, NETNS), pairs);
	KUNIT_EXPECT_EQ(test, failed(table, pairs - 1, NETNS), 1);
	for (i = 0; i < pairs; i++) {
		const u32 count = failed(table, i, NETNS);

		kept += !!count;
		wrong += i && count > 1;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_LE(test, kept, TWS_FAIL_SETS * TWS_FAIL_WAYS);
	/* What is not there any more was forgotten, and that was counted. */
	KUNIT_EXPECT_EQ(test, (u64)atomic64_read(&table->forgotten),
			(u64)pairs - kept);
}

static struct kunit_case failtable_cases[] = {
	KUNIT_CASE(counts_each_pair),
	KUNIT_CASE(namespaces_are_apart),
	KUNIT_CASE(forgets_the_oldest),
	{}
};

static struct kunit_suite failtable_suite = {
	.name = "tw_failtable",
	.test_cases = failtable_cases,
};

kunit_test_suite(failtable_suite);
