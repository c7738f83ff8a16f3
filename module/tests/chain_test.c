// SPDX-License-Identifier: GPL-2.0-only
/*
 * A chain that changes between two looks of its reader, one change at a time. (A thread
 * that changes it at random, and a whole walk, are in race_test.c.)
 *
 * The chain has a socket in each of PLACES places, number 0 at its head.
 */
#include "faketable.h"
#include "samples.h"
#include "walk/chain.h"

#define SLOTS	4
#define SLOT	2
#define PLACES	6
/* The hash says the slot and, above it, which use of an object this is. */
#define USE(n)	(SLOT | (n) << 8)

struct chain {
	struct tws_fake_table *ft;
	struct sock *at[PLACES];
	struct sock *spare;
	u32 uses;
	struct tws_chain c;
};

static struct chain *new_chain(struct kunit *test)
{
	struct chain *ch = kunit_kzalloc(test, sizeof(*ch), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, ch);
	ch->ft = tws_fake_table(test, SLOTS, SLOTS);
	for (i = PLACES; i--;) {
		ch->at[i] = tws_fake_sock(test, ch->ft, TCP_ESTABLISHED);
		tws_fake_number(ch->at[i], USE(++ch->uses), i);
		tws_fake_hash(ch->ft, ch->at[i]);
	}
	ch->spare = tws_fake_sock(test, ch->ft, TCP_ESTABLISHED);
	tws_chain_start(&ch->c, &ch->ft->h, SLOT,
			tws_chain_first(tws_chain_head(&ch->ft->h, SLOT)));
	return ch;
}

/* The spare object gets the next use: it is that connection, and in no chain yet. */
static void use_spare(struct chain *ch, u32 place)
{
	tws_fake_number(ch->spare, USE(++ch->uses), place);
}

/* The connection of this place gets the spare object, and its own becomes the spare. */
static void replace(struct chain *ch, u32 place)
{
	struct sock *old = ch->at[place];

	use_spare(ch, place);
	hlist_nulls_replace_init_rcu(&old->sk_nulls_node, &ch->spare->sk_nulls_node);
	ch->at[place] = ch->spare;
	ch->spare = old;
}

static void delete(struct chain *ch, u32 place)
{
	hlist_nulls_del_init_rcu(&ch->at[place]->sk_nulls_node);
}

/* Come to the next socket, which should be that of this place. */
static bool enter(struct kunit *test, struct chain *ch, u32 place)
{
	if (tws_chain_at_end(&ch->c) || !tws_chain_enter(&ch->c))
		return false;
	KUNIT_EXPECT_EQ(test, tws_chain_socket(&ch->c)->sk_num, place);
	return true;
}

/* Read the socket of this place. */
static void read(struct kunit *test, struct chain *ch, u32 place)
{
	KUNIT_EXPECT_TRUE(test, enter(test, ch, place));
	tws_chain_leave(&ch->c);
}

static void read_until(struct kunit *test, struct chain *ch, u32 place, u32 end)
{
	for (; place < end; place++)
		read(test, ch, place);
}

static void expect_end(struct kunit *test, struct chain *ch, bool unchanged)
{
	KUNIT_EXPECT_TRUE(test, tws_chain_at_end(&ch->c));
	if (tws_chain_at_end(&ch->c))
		KUNIT_EXPECT_EQ(test, tws_chain_unchanged(&ch->c), unchanged);
}

static void expect_refusal(struct kunit *test, struct chain *ch)
{
	KUNIT_EXPECT_FALSE(test, tws_chain_at_end(&ch->c));
	KUNIT_EXPECT_FALSE(test, tws_chain_enter(&ch->c));
}

static void nothing_changes(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read_until(test, ch, 0, PLACES);
	KUNIT_EXPECT_EQ(test, ch->c.seen, PLACES);
	expect_end(test, ch, true);
}

/* The reader is to go from 0 to the object of 1, which is that of 4 by then. */
static void next_is_further_down(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read(test, ch, 0);
	replace(ch, 1);
	replace(ch, 4);
	expect_refusal(test, ch);
}

/* The same, and the object is in no chain yet, but has its new hash. */
static void next_is_on_its_way(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read(test, ch, 0);
	replace(ch, 1);
	use_spare(ch, 4);
	expect_refusal(test, ch);
}

/* The object that was read and the next one are those of 3 and 4 by then. */
static void both_are_further_down(struct kunit *test)
{
	struct chain *ch = new_chain(test);
	struct sock *const one = ch->at[1], *const two = ch->at[2];

	read_until(test, ch, 0, 2);
	replace(ch, 1);
	replace(ch, 3);
	replace(ch, 2);
	replace(ch, 4);
	KUNIT_ASSERT_PTR_EQ(test, ch->at[3], one);
	KUNIT_ASSERT_PTR_EQ(test, ch->at[4], two);
	expect_refusal(test, ch);
}

/* While its fields are read the object of 1 becomes that of 3. */
static void used_again_while_read(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read(test, ch, 0);
	KUNIT_EXPECT_TRUE(test, enter(test, ch, 1));
	replace(ch, 1);
	replace(ch, 3);
	tws_chain_leave(&ch->c);
	expect_refusal(test, ch);
}

/* The last object becomes that of 2 while its fields are read, or after. */
static void last_is_used_again(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read_until(test, ch, 0, PLACES);
	replace(ch, PLACES - 1);
	replace(ch, 2);
	expect_end(test, ch, false);
}

/* The object at the head leaves and is at the head again, as another connection. */
static void head_is_used_again(struct kunit *test)
{
	struct chain *ch = new_chain(test);
	struct sock *const first = ch->at[0];

	read_until(test, ch, 0, PLACES);
	delete(ch, 0);
	tws_fake_number(first, USE(++ch->uses), 0);
	tws_fake_hash(ch->ft, first);
	expect_end(test, ch, false);
}

static void head_is_new(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read_until(test, ch, 0, PLACES);
	use_spare(ch, PLACES);
	tws_fake_hash(ch->ft, ch->spare);
	expect_end(test, ch, false);
}

/* What leaves behind the reader's back is no reason to read again. */
static void others_leave(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read_until(test, ch, 0, 3);
	delete(ch, 1);
	delete(ch, 4);
	read(test, ch, 3);
	read(test, ch, 5);
	delete(ch, 3);
	expect_end(test, ch, true);
}

/*
 * The last one leaves while its fields are read. Its object is another connection at once,
 * whose addresses are written before its ports and its hash are.
 */
static void last_leaves_while_read(struct kunit *test)
{
	struct chain *ch = new_chain(test);
	struct sock *const last = ch->at[PLACES - 1];

	read_until(test, ch, 0, PLACES - 1);
	KUNIT_EXPECT_TRUE(test, enter(test, ch, PLACES - 1));
	delete(ch, PLACES - 1);
	last->sk_daddr = htonl(0x0a000902);
	tws_chain_leave(&ch->c);
	expect_end(test, ch, false);
}

/* Since 6.15 hashes are equal in runs: here of the old and of the new connection. */
static void head_is_used_again_with_its_hash(struct kunit *test)
{
	struct chain *ch = new_chain(test);
	struct sock *const first = ch->at[0];

	read_until(test, ch, 0, PLACES);
	delete(ch, 0);
	tws_fake_number(first, first->sk_hash, PLACES);
	tws_fake_hash(ch->ft, first);
	expect_end(test, ch, false);
}

/* Likewise, of the last one. */
static void last_is_used_again_with_its_hash(struct kunit *test)
{
	struct chain *ch = new_chain(test);
	struct sock *const last = ch->at[PLACES - 1];

	read_until(test, ch, 0, PLACES);
	replace(ch, PLACES - 1);
	tws_fake_number(last, last->sk_hash, 2);
	hlist_nulls_replace_init_rcu(&ch->at[2]->sk_nulls_node, &last->sk_nulls_node);
	expect_end(test, ch, false);
}

/* The next one leaves, and with it the way on. */
static void next_leaves(struct kunit *test)
{
	struct chain *ch = new_chain(test);

	read_until(test, ch, 0, 2);
	delete(ch, 2);
	expect_refusal(test, ch);
}

static struct kunit_case chain_cases[] = {
	KUNIT_CASE(nothing_changes),
	KUNIT_CASE(next_is_further_down),
	KUNIT_CASE(next_is_on_its_way),
	KUNIT_CASE(both_are_further_down),
	KUNIT_CASE(used_again_while_read),
	KUNIT_CASE(last_is_used_again),
	KUNIT_CASE(head_is_used_again),
	KUNIT_CASE(head_is_new),
	KUNIT_CASE(others_leave),
	KUNIT_CASE(last_leaves_while_read),
	KUNIT_CASE(head_is_used_again_with_its_hash),
	KUNIT_CASE(last_is_used_again_with_its_hash),
	KUNIT_CASE(next_leaves),
	{}
};

static struct kunit_suite chain_suite = {
	.name = "tw_chain",
	.test_cases = chain_cases,
};

kunit_test_suite(chain_suite);
