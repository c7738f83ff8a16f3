// SPDX-License-Identifier: GPL-2.0-only
/* Rows that are there before the counting, and stay with or without sockets. */
#include "samples.h"

#define MAX_ROWS	4

static void free_table(void *table)
{
	tws_table_free(table);
}

static struct tws_table *new_table(struct kunit *test)
{
	struct tws_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, tws_table_init(table, MAX_ROWS, tws_test_hash(1)),
			0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_table, table),
			0);
	return table;
}

static bool pin(struct tws_table *table, u32 number)
{
	const struct tws_key key = tws_test_key(number);

	return tws_table_pin(table, &key);
}

static void put(struct tws_table *table, u32 number, u32 sockets)
{
	const struct tws_key key = tws_test_key(number);
	const struct tws_tuple t = tws_test_tuple();

	while (sockets--) {
		struct tws_row *row = tws_test_row(table, &key);

		if (row)
			tws_row_add_socket(row, &t);
	}
}

static void expect_row(struct kunit *test, const struct tws_table *table,
		       u32 number, u32 sockets)
{
	const struct tws_key key = tws_test_key(number);
	const struct tws_row *row = tws_table_find(table, &key);

	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_EQ(test, row->sockets, sockets);
}

/* One without a socket, and one with three. */
static void stays_without_sockets(struct kunit *test)
{
	struct tws_table *table = new_table(test);

	KUNIT_EXPECT_TRUE(test, pin(table, 1));
	KUNIT_EXPECT_TRUE(test, pin(table, 2));
	put(table, 2, 3);
	KUNIT_EXPECT_FALSE(test, tws_table_second_pass(table));
	tws_table_finish(table);
	KUNIT_EXPECT_EQ(test, table->nr, 2);
	expect_row(test, table, 1, 0);
	expect_row(test, table, 2, 3);
}

/* The same key twice is one row. */
static void pinned_once(struct kunit *test)
{
	struct tws_table *table = new_table(test);

	KUNIT_EXPECT_TRUE(test, pin(table, 1));
	KUNIT_EXPECT_TRUE(test, pin(table, 1));
	KUNIT_EXPECT_EQ(test, table->nr, 1);
}

/* There is room for 320 of them, whatever max_rows is; then for max_rows others. */
static void beyond_max_rows(struct kunit *test)
{
	struct tws_table *table = new_table(test);
	u32 i;

	for (i = 0; i < TWS_PINNED_MAX; i++)
		KUNIT_EXPECT_TRUE(test, pin(table, i));
	KUNIT_EXPECT_FALSE(test, pin(table, 1000));
	for (i = 0; i < MAX_ROWS; i++)
		put(table, 2000 + i, 1);
	KUNIT_EXPECT_FALSE(test, tws_table_second_pass(table));
	tws_table_finish(table);
	KUNIT_EXPECT_EQ(test, table->nr, TWS_PINNED_MAX + MAX_ROWS);
	for (i = 0; i < MAX_ROWS; i++)
		expect_row(test, table, 2000 + i, 1);
	KUNIT_EXPECT_FALSE(test, table->short_of_memory);
}

/*
 * Two passes over a crowd: a pinned row with few sockets is exact, one without any
 * stays, and neither takes the place of the heavy ones.
 */
static void beside_a_crowd(struct kunit *test)
{
	struct tws_table *table = new_table(test);
	u32 i, pass;

	pin(table, 1);
	pin(table, 2);
	for (pass = 0; pass < 2; pass++) {
		put(table, 1, 1);
		for (i = 0; i < 100; i++)
			put(table, 1000 + i, 1);
		for (i = 0; i < MAX_ROWS - 1; i++)
			put(table, 10 + i, 60);
		put(table, 1, 1);
		KUNIT_EXPECT_EQ(test, tws_table_second_pass(table), !pass);
	}
	tws_table_finish(table);
	expect_row(test, table, 1, 2);
	expect_row(test, table, 2, 0);
	for (i = 0; i < MAX_ROWS - 1; i++)
		expect_row(test, table, 10 + i, 60);
	KUNIT_EXPECT_EQ(test, table->nr, 2 + MAX_ROWS);
	KUNIT_EXPECT_EQ(test, table->hidden_sockets, 99);
}

static struct kunit_case pinned_cases[] = {
	KUNIT_CASE(stays_without_sockets),
	KUNIT_CASE(pinned_once),
	KUNIT_CASE(beyond_max_rows),
	KUNIT_CASE(beside_a_crowd),
	{}
};

static struct kunit_suite pinned_suite = {
	.name = "tw_pinned",
	.test_cases = pinned_cases,
};

kunit_test_suite(pinned_suite);
