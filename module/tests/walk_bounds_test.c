// SPDX-License-Identifier: GPL-2.0-only
/* What a walk does with long chains, chains that it cannot read, and full batches. */
#include "faketable.h"
#include "samples.h"
#include "walk/section.h"

/* As TWS_CHAIN_MAX: what is longer is read under the lock of its chain. */
#define CHAIN_MAX	64

/*
 * Chains of 0 to 70 sockets, and memory had only a small piece for the batch: the same
 * sockets, in more batches, and a longer chain still in one.
 */
static void small_batch(struct kunit *test)
{
	const unsigned int slots = 71;
	struct tws_fake_table *ft = tws_fake_table(test, 128, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 2600);
	unsigned int slot, i, nr = 0;
	struct tws_walk walk;

	for (slot = 0; slot < slots; slot++)
		for (i = 0; i < slot; i++)
			tws_fake_add(test, ft, slot, nr++);
	walk = tws_fake_walk(ft, catch);
	walk.most = 48;
	KUNIT_ASSERT_EQ(test, tws_walk(&walk), 0);
	KUNIT_EXPECT_FALSE(test, walk.truncated);
	tws_expect_numbers(test, catch, nr);
	tws_expect_whole_slots(test, catch, 128);
	KUNIT_EXPECT_GE(test, catch->batches, nr / 88);
}

/* 64 sockets in a chain are read without the lock, foreign ones included. */
static void chain_as_long_as_may_be(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, CHAIN_MAX);
	struct tws_walk walk;
	int i;

	for (i = 0; i < CHAIN_MAX; i++)
		tws_fake_add(test, ft, 5, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, CHAIN_MAX);
	KUNIT_EXPECT_EQ(test, walk.locked, 0);
}

/* One more, of another namespace: the lock is taken, once, for that chain. */
static void chain_too_long_to_be_read_unlocked(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, CHAIN_MAX + 8);
	struct tws_walk walk;
	struct sock *foreign;
	int i;

	for (i = 0; i < CHAIN_MAX; i++)
		tws_fake_add(test, ft, 5, i);
	foreign = tws_fake_add(test, ft, 5, 0);
	write_pnet(&foreign->sk_net, ft->other);
	/* Its neighbours are not concerned. */
	tws_fake_add(test, ft, 4, CHAIN_MAX);
	tws_fake_add(test, ft, 6, CHAIN_MAX + 1);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, CHAIN_MAX + 2);
	tws_expect_whole_slots(test, catch, 16);
	KUNIT_EXPECT_EQ(test, walk.locked, 1);
	KUNIT_EXPECT_EQ(test, walk.retried, 0);
}

/* A chain of 3,000: the batch grows, and what follows fits again. */
static void chain_longer_than_a_batch(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, 3100);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 3000; i++)
		tws_fake_add(test, ft, 15, i);
	for (; i < 3100; i++)
		tws_fake_add(test, ft, i % 15, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 3100);
	tws_expect_whole_slots(test, catch, 16);
	KUNIT_EXPECT_EQ(test, walk.locked, 1);
}

/* 100 chains of 60: several batches, none of which cuts a slot in two. */
static void batches_hold_whole_slots(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 128, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 6000);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 6000; i++)
		tws_fake_add(test, ft, i % 100, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 6000);
	tws_expect_whole_slots(test, catch, 128);
	KUNIT_EXPECT_GT(test, catch->batches, 1);
	KUNIT_EXPECT_EQ(test, walk.locked, 0);
}

/*
 * The chain of slot 5 ends in the nulls of slot 6, as if a socket had led away
 * to there. It is read again, in vain, and then under its lock.
 */
static void wrong_end_of_a_chain(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 4);
	struct tws_fake_catch *catch = tws_fake_catch(test, 10);
	struct tws_walk walk;
	int i;

	INIT_HLIST_NULLS_HEAD(&ft->h.ehash[5].chain, 6);
	for (i = 0; i < 10; i++)
		tws_fake_add(test, ft, i % 2 ? 5 : 6, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 10);
	tws_expect_whole_slots(test, catch, 16);
	KUNIT_EXPECT_GT(test, walk.retried, 0);
	KUNIT_EXPECT_EQ(test, walk.locked, 1);
}

/*
 * 100 chains with a wrong end, and between them as many that are well: more than
 * the walk keeps for later at a time. What was copied of the former is not used.
 */
static void many_wrong_ends(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 256, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 800);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 200; i += 2)
		INIT_HLIST_NULLS_HEAD(&ft->h.ehash[i].chain, i + 1);
	for (i = 0; i < 800; i++)
		tws_fake_add(test, ft, i % 200, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 800);
	tws_expect_whole_slots(test, catch, 256);
	KUNIT_EXPECT_EQ(test, walk.locked, 100);
}

/*
 * 48 chains of 64 with a wrong end, as many as are read at a time. Each is read three
 * times in vain, which is more than the batch has room for.
 */
static void failures_fill_the_batch(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 64, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 48 * CHAIN_MAX);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 48; i++)
		INIT_HLIST_NULLS_HEAD(&ft->h.ehash[i].chain, i + 1);
	for (i = 0; i < 48 * CHAIN_MAX; i++)
		tws_fake_add(test, ft, i % 48, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 48 * CHAIN_MAX);
	tws_expect_whole_slots(test, catch, 64);
	KUNIT_EXPECT_EQ(test, walk.locked, 48);
}

/*
 * 128 chains with a wrong end, of 60 sockets of another namespace each, so that there is room
 * in the batch: all are read again and again, but no section visits more than 8,192.
 */
static void section_has_a_bound(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 128, 8);
	struct tws_section s = { .hashinfo = &ft->h, .net = ft->net };
	struct tws_batch b = { .room = TWS_BATCH_ROOM };
	struct tws_lanes *lanes = tws_lanes_new();
	u32 most = 0, sections = 0, busy = 0;
	struct sock *sk;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, lanes);
	b.tuples = kunit_kcalloc(test, b.room, sizeof(*b.tuples), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b.tuples);
	for (i = 0; i < 128; i++) {
		INIT_HLIST_NULLS_HEAD(&ft->h.ehash[i].chain, 128);
		tws_fake_add(test, ft, i, i);
	}
	for (i = 0; i < 128 * 60; i++) {
		sk = tws_fake_add(test, ft, i % 128, i);
		write_pnet(&sk->sk_net, ft->other);
	}
	for (s.end = 128; s.slot < s.end && sections < 128; sections++) {
		s.visited = 0;
		s.nr_busy = 0;
		tws_lanes_read(lanes, &s, &b);
		most = max(most, s.visited);
		busy += s.nr_busy;
	}
	kfree(lanes);
	KUNIT_EXPECT_EQ(test, busy, 128);
	KUNIT_EXPECT_GT(test, sections, 1);
	KUNIT_EXPECT_GT(test, most, 4096);
	KUNIT_EXPECT_LE(test, most, 8192);
}

/*
 * Two long chains, each read under its lock: the batch that grew for the first has
 * no room left for the second, and no more than 8,192 are in one.
 */
static void long_chains_in_a_row(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, 14000);
	struct tws_walk walk;
	u32 i, most = 0, nr[8] = {};

	for (i = 0; i < 14000; i++)
		tws_fake_add(test, ft, i % 2, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 14000);
	tws_expect_whole_slots(test, catch, 16);
	KUNIT_EXPECT_EQ(test, walk.locked, 2);
	for (i = 0; i < catch->nr; i++)
		most = max(most, ++nr[catch->batch_of[i] % 8]);
	KUNIT_EXPECT_LE(test, most, 8192);
}

/*
 * A chain of 8,193, one more than is read under a lock: what was read is handed out,
 * and it is said that something is missing.
 */
static void chain_beyond_the_bound(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 1, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, 8193);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 8192; i++)
		tws_fake_add(test, ft, 0, i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 8192);
	tws_fake_add(test, ft, 0, 8192);
	walk = tws_fake_walk(ft, catch);
	KUNIT_ASSERT_EQ(test, tws_walk(&walk), 0);
	KUNIT_EXPECT_TRUE(test, walk.truncated);
	KUNIT_EXPECT_EQ(test, catch->nr, 8192);
}

static struct kunit_case walk_bounds_cases[] = {
	KUNIT_CASE(small_batch),
	KUNIT_CASE(chain_as_long_as_may_be),
	KUNIT_CASE(chain_too_long_to_be_read_unlocked),
	KUNIT_CASE(chain_longer_than_a_batch),
	KUNIT_CASE(batches_hold_whole_slots),
	KUNIT_CASE(wrong_end_of_a_chain),
	KUNIT_CASE(many_wrong_ends),
	KUNIT_CASE(failures_fill_the_batch),
	KUNIT_CASE(section_has_a_bound),
	KUNIT_CASE(long_chains_in_a_row),
	KUNIT_CASE(chain_beyond_the_bound),
	{}
};

static struct kunit_suite walk_bounds_suite = {
	.name = "tw_walk_bounds",
	.test_cases = walk_bounds_cases,
};

kunit_test_suite(walk_bounds_suite);
