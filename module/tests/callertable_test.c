// SPDX-License-Identifier: GPL-2.0-only
/* Who calls: counted in memory of a fixed size, and listed in order. */
#include <linux/mm.h>
#include <linux/string.h>

#include "compute/callertable.h"
#include "samples.h"

static void free_table(void *table)
{
	tws_callertable_reset(table);
	kvfree(table);
}

static struct tws_callertable *new_table(struct kunit *test)
{
	struct tws_callertable *table = kvzalloc(sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	tws_callertable_init(table, 1, tws_test_reserve(test));
	/* Before the reserve goes. */
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_table,
							table), 0);
	return table;
}

/* A call of program NAME in a control group, to destination NUMBER. */
static struct tws_call call_of(const char *name, u64 cgroup, u32 number)
{
	struct tws_call call = {
		.key.pair = tws_test_key(number),
		.key.cgroup = cgroup,
	};

	strscpy(call.key.comm, name, sizeof(call.key.comm));
	return call;
}

/* These two are true if another caller was forgotten for it. */
static bool called(struct tws_callertable *table, struct tws_call call, u32 calls)
{
	call.calls = calls;
	return tws_callertable_add(table, &call);
}

static bool failed(struct tws_callertable *table, struct tws_call call, u32 now_s)
{
	call.end = TWS_CALL_FAILED;
	call.at_ms = now_s * MSEC_PER_SEC;
	return tws_callertable_add(table, &call);
}

struct listed {
	struct list_head list;
	u64 forgotten;
};

static void unlist(void *listed)
{
	tws_callertable_unlist(&((struct listed *)listed)->list);
}

static struct listed *list_of(struct kunit *test, struct tws_callertable *table)
{
	struct listed *listed = kunit_kzalloc(test, sizeof(*listed), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, listed);
	KUNIT_ASSERT_EQ(test, tws_callertable_list(table, &listed->list,
						   &listed->forgotten), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unlist, listed),
			0);
	return listed;
}

static u32 length_of(const struct listed *listed)
{
	struct tws_caller_copy *copy;
	u32 nr = 0;

	list_for_each_entry(copy, &listed->list, list)
		nr++;
	return nr;
}

/* The caller in a place of the list. */
static const struct tws_caller *caller_at(struct kunit *test,
					  const struct listed *listed, u32 place)
{
	struct tws_caller_copy *copy;

	list_for_each_entry(copy, &listed->list, list)
		if (!place--)
			return &copy->caller;
	KUNIT_FAIL(test, "the list is too short");
	kunit_skip(test, "it cannot go on");
	return NULL;
}

static void expect_caller(struct kunit *test, const struct listed *listed,
			  u32 place, const struct tws_call *call, u32 fails,
			  u64 calls)
{
	const struct tws_caller *caller = caller_at(test, listed, place);

	KUNIT_EXPECT_MEMEQ(test, &caller->key, &call->key, sizeof(call->key));
	KUNIT_EXPECT_EQ(test, caller->fails, fails);
	KUNIT_EXPECT_EQ(test, caller->calls, calls);
}

/* Destination, control group and name tell callers apart; the pid does not. */
static void what_is_a_row(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	struct tws_call first = call_of("nginx", 7, 1);
	const struct tws_call others[] = {
		call_of("nginx", 7, 2), call_of("nginx", 8, 1),
		call_of("curl", 7, 1),
	};
	const struct listed *listed;
	u32 i;

	called(table, first, 30);
	first.pid[0].ns = 5;
	first.pid[0].nr = 1234;
	called(table, first, 30);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		called(table, others[i], 10 - i);
	listed = list_of(test, table);
	KUNIT_EXPECT_EQ(test, length_of(listed), 4);
	expect_caller(test, listed, 0, &first, 0, 60);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		expect_caller(test, listed, i + 1, &others[i], 0, 10 - i);
	/* That of the last call. */
	KUNIT_EXPECT_EQ(test, tws_caller_pid(caller_at(test, listed, 0), 5),
			1234);
	KUNIT_EXPECT_EQ(test, tws_caller_pid(caller_at(test, listed, 0), 6), 0);
}

/* The first failure and the last; a call that finds a port changes neither. */
static void first_and_last_failure(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call call = call_of("curl", 1, 1);
	const struct tws_caller *caller;

	called(table, call, 64);
	failed(table, call, 100);
	failed(table, call, 130);
	called(table, call, 64);
	caller = caller_at(test, list_of(test, table), 0);
	KUNIT_EXPECT_EQ(test, caller->fails, 2);
	KUNIT_EXPECT_EQ(test, caller->first_s, 100);
	KUNIT_EXPECT_EQ(test, caller->last_s, 130);
	KUNIT_EXPECT_EQ(test, caller->calls, 128);
}

static bool clashed(struct tws_callertable *table, struct tws_call call)
{
	call.end = TWS_CALL_CLASHED;
	return tws_callertable_add(table, &call);
}

/* A clash is no failure: it changes neither their number nor their times. */
static void clashes_are_no_failures(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call call = call_of("proxy", 1, 1);
	const struct tws_caller *caller;

	clashed(table, call);
	failed(table, call, 100);
	clashed(table, call);
	caller = caller_at(test, list_of(test, table), 0);
	KUNIT_EXPECT_EQ(test, caller->clashes, 2);
	KUNIT_EXPECT_EQ(test, caller->fails, 1);
	KUNIT_EXPECT_EQ(test, caller->first_s, 100);
	KUNIT_EXPECT_EQ(test, caller->calls, 0);
}

static u64 searched(struct kunit *test, struct tws_callertable *table,
		    struct tws_call call, u64 search_ns)
{
	call.search_ns = search_ns;
	tws_callertable_add(table, &call);
	return caller_at(test, list_of(test, table), 0)->search_ns;
}

/* The first is the mean, then the latest weighs 1/8; who had a port changes nothing. */
static void mean_of_the_search(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call call = call_of("curl", 1, 1);
	u64 mean = 0;
	int i;

	KUNIT_EXPECT_EQ(test, searched(test, table, call, 0), 0);
	KUNIT_EXPECT_EQ(test, searched(test, table, call, 8000), 8000);
	KUNIT_EXPECT_EQ(test, searched(test, table, call, 0), 8000);
	KUNIT_EXPECT_EQ(test, searched(test, table, call, 16000), 9000);
	for (i = 0; i < 100; i++)
		mean = searched(test, table, call, 64000);
	KUNIT_EXPECT_GE(test, mean, 63990);
	KUNIT_EXPECT_LE(test, mean, 64000);
	/* From a very long time to next to none: it is known, however short. */
	searched(test, table, call, U64_MAX);
	for (i = 0; i < 1000; i++)
		mean = searched(test, table, call, 1);
	KUNIT_EXPECT_GE(test, mean, 1);
	KUNIT_EXPECT_LE(test, mean, 8);
}

/* 5,000 programs that clash cannot drive out one that found no port. */
static void clashes_make_room(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call victim = call_of("victim", 1, 1);
	u32 i;

	failed(table, victim, 1);
	for (i = 0; i < 5000; i++)
		clashed(table, call_of("proxy", i, 1));
	expect_caller(test, list_of(test, table), 0, &victim, 1, 0);
}

/* Failures come before clashes, these before calls, many before few, then the latest. */
static void order_of_the_list(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call a = call_of("a", 1, 1), b = call_of("b", 1, 1),
			      c = call_of("c", 1, 1), d = call_of("d", 1, 1),
			      e = call_of("e", 1, 1), f = call_of("f", 1, 1);
	const struct listed *listed;

	called(table, a, 1000);
	failed(table, b, 1);
	failed(table, c, 1);
	failed(table, c, 2);
	called(table, d, 1000);
	clashed(table, e);
	clashed(table, f);
	clashed(table, f);
	listed = list_of(test, table);
	expect_caller(test, listed, 0, &c, 2, 0);
	expect_caller(test, listed, 1, &b, 1, 0);
	expect_caller(test, listed, 2, &f, 0, 0);
	expect_caller(test, listed, 3, &e, 0, 0);
	expect_caller(test, listed, 4, &d, 0, 1000);
	expect_caller(test, listed, 5, &a, 0, 1000);
}

/*
 * 5,000 programs that find ports cannot drive out one that found none long ago; 5,000
 * that find none can.
 */
static void failures_stay_longest(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct tws_call victim = call_of("victim", 1, 1);
	const struct listed *listed;
	u32 i, forgotten = 0;

	failed(table, victim, 1);
	for (i = 0; i < 5000; i++)
		forgotten += called(table, call_of("crowd", i, 1), 1);
	listed = list_of(test, table);
	expect_caller(test, listed, 0, &victim, 1, 0);
	KUNIT_EXPECT_EQ(test, length_of(listed), TWS_MEMO_ITEMS);
	KUNIT_EXPECT_EQ(test, length_of(listed) + forgotten, 5001);
	KUNIT_EXPECT_EQ(test, listed->forgotten, forgotten);

	for (i = 0; i < 5000; i++)
		failed(table, call_of("crowd", i, 1), 2);
	listed = list_of(test, table);
	KUNIT_EXPECT_STREQ(test, caller_at(test, listed, 0)->key.comm, "crowd");
}

/* After a reset nothing is left, and the count of the forgotten begins again. */
static void reset_forgets_all(struct kunit *test)
{
	struct tws_callertable *table = new_table(test);
	const struct listed *listed;
	u32 i;

	for (i = 0; i < TWS_MEMO_ITEMS + 5; i++)
		called(table, call_of("a", i, 1), 1);
	KUNIT_EXPECT_EQ(test, list_of(test, table)->forgotten, 5);
	tws_callertable_reset(table);
	listed = list_of(test, table);
	KUNIT_EXPECT_EQ(test, length_of(listed), 0);
	KUNIT_EXPECT_EQ(test, listed->forgotten, 0);
}

static struct kunit_case callertable_cases[] = {
	KUNIT_CASE(what_is_a_row),
	KUNIT_CASE(first_and_last_failure),
	KUNIT_CASE(clashes_are_no_failures),
	KUNIT_CASE(clashes_make_room),
	KUNIT_CASE(mean_of_the_search),
	KUNIT_CASE(order_of_the_list),
	KUNIT_CASE(failures_stay_longest),
	KUNIT_CASE(reset_forgets_all),
	{}
};

static struct kunit_suite callertable_suite = {
	.name = "tw_callertable",
	.test_cases = callertable_cases,
};

kunit_test_suite(callertable_suite);
