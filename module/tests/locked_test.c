// SPDX-License-Identifier: GPL-2.0-only
/*
 * Long chains, which are read under their lock in sections: most of their sockets are of
 * another namespace, and between two sections a thread changes the chain.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/rculist_nulls.h>
#include <net/tcp.h>

#include "faketable.h"
#include "samples.h"

/* As in stride.h: so many are read in one section. */
#define SECTION		8192
#define OWN		48
/* Sockets of others in front of each of these, two and a half sections in all. */
#define BETWEEN		(5 * SECTION / 2 / OWN)
#define WALKS		60

/* What happens between two sections. */
enum change {
	TAKE_OVER,		/* a connection gets another socket, at the head */
	TAKE_OVER_AT_THE_TAIL,	/* the same, as 6.1.9 to 6.1.41 add it */
	OTHERS_MOVE,
};

struct crowd {
	struct tws_fake_table *ft;
	struct rnd_state random;
	struct sock *own[OWN];
	struct sock *spare;
	struct tcp_timewait_sock *others[OWN];	/* arrays of BETWEEN */
	u32 uses;
	u32 changes;
	enum change change;
};

static void add_other(struct tws_fake_table *ft, struct sock *sk, bool held)
{
	sk->sk_state = TCP_TIME_WAIT;
	sk->sk_family = AF_INET;
	write_pnet(&sk->sk_net, ft->other);
	if (held)
		refcount_set(&sk->sk_refcnt, 1);
	tws_fake_hash(ft, sk);
}

/* One of ours, then many others in front of it, and so on; the last of ours are behind. */
static struct crowd *new_crowd(struct kunit *test, bool held)
{
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	u32 i, k;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->ft = tws_fake_table(test, 1, 1);
	tws_test_seed(test, &c->random);
	for (i = 0; i < OWN; i++) {
		c->own[i] = tws_fake_add(test, c->ft, 0, i);
		c->others[i] = kunit_kcalloc(test, BETWEEN, sizeof(*c->others[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, c->others[i]);
		for (k = 0; k < BETWEEN; k++)
			add_other(c->ft, (struct sock *)&c->others[i][k], held);
	}
	c->spare = tws_fake_sock(test, c->ft, TCP_ESTABLISHED);
	return c;
}

static struct sock *other_of(struct crowd *c, u32 i)
{
	return (struct sock *)&c->others[i / BETWEEN][i % BETWEEN];
}

/* They are found once each, in one batch. */
static void others_in_front(struct kunit *test)
{
	struct crowd *c = new_crowd(test, true);
	struct tws_fake_catch *catch = tws_fake_catch(test, OWN);
	struct tws_walk walk;
	u32 i, wrong = 0;

	tws_fake_walk_all(test, c->ft, catch, &walk);
	tws_expect_numbers(test, catch, OWN);
	tws_expect_whole_slots(test, catch, 1);
	KUNIT_EXPECT_EQ(test, walk.locked, 1);
	KUNIT_EXPECT_EQ(test, walk.retried, 0);
	for (i = 0; i < OWN * BETWEEN; i++)
		wrong += refcount_read(&other_of(c, i)->sk_refcnt) != 1;
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* None of the others has a reference: then the first section has no end. */
static void nobody_to_hold(struct kunit *test)
{
	struct crowd *c = new_crowd(test, false);
	struct tws_fake_catch *catch = tws_fake_catch(test, OWN);
	struct tws_walk walk;

	tws_fake_walk_all(test, c->ft, catch, &walk);
	tws_expect_numbers(test, catch, OWN);
	KUNIT_EXPECT_EQ(test, walk.retried, 0);
}

/* A connection is taken over: its new socket is in the chain, the old one is gone. */
static void take_over(struct crowd *c, u32 number)
{
	struct sock *old = c->own[number];

	tws_fake_number(c->spare, ++c->uses, number);
	if (c->change == TAKE_OVER_AT_THE_TAIL)
		hlist_nulls_add_tail_rcu(&c->spare->sk_nulls_node, &c->ft->h.ehash[0].chain);
	else
		tws_fake_hash(c->ft, c->spare);
	hlist_nulls_del_init_rcu(&old->sk_nulls_node);
	c->own[number] = c->spare;
	c->spare = old;
}

static void move_other(struct crowd *c, struct sock *sk)
{
	hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	tws_fake_hash(c->ft, sk);
}

static int change_thread(void *arg)
{
	struct crowd *c = arg;
	spinlock_t *lock = inet_ehash_lockp(&c->ft->h, 0);
	u32 i;

	while (!kthread_should_stop()) {
		spin_lock_bh(lock);
		for (i = 0; c->change == OTHERS_MOVE && i < 500; i++)
			move_other(c, other_of(c, tws_test_below(&c->random, OWN * BETWEEN)));
		if (c->change != OTHERS_MOVE)
			take_over(c, tws_test_below(&c->random, OWN));
		c->changes++;
		spin_unlock_bh(lock);
		/* Others want the lock, and the walk must get some sections in a row. */
		for (i = tws_test_below(&c->random, 20000); i; i--)
			cpu_relax();
		cond_resched();
	}
	return 0;
}

static void stop_thread(void *thread)
{
	kthread_stop(thread);
}

static void walk_meanwhile(struct kunit *test, enum change change)
{
	struct tws_fake_catch *catch = tws_fake_catch(test, OWN);
	struct crowd *c = new_crowd(test, true);
	struct task_struct *thread;
	u32 i, retried = 0;

	tws_test_needs_processors(test);
	c->change = change;
	thread = kthread_run(change_thread, c, "tw_summary_crowd");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	/* Also if an assertion ends the test: its memory goes then. */
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_thread, thread), 0);
	/* Until the thread has met a walk, which takes longer on a busy machine. */
	for (i = 0; i < WALKS || (!retried && i < 100 * WALKS); i++) {
		struct tws_walk walk = tws_fake_walk(c->ft, catch);

		KUNIT_EXPECT_EQ(test, tws_walk(&walk), 0);
		KUNIT_EXPECT_FALSE(test, walk.truncated);
		tws_expect_numbers(test, catch, OWN);
		retried += walk.retried;
	}
	kunit_release_action(test, stop_thread, thread);
	kunit_info(test, "%u walks, %u tries in vain; %u changes", i, retried, c->changes);
	KUNIT_EXPECT_GT(test, retried, 0);
}

/* TIME_WAITs that are taken over between two sections are neither lost nor seen twice. */
static void taken_over_meanwhile(struct kunit *test)
{
	walk_meanwhile(test, TAKE_OVER);
}

static void taken_over_at_the_tail(struct kunit *test)
{
	walk_meanwhile(test, TAKE_OVER_AT_THE_TAIL);
}

/* The place is lost: others leave the chain, or come back at its head. */
static void others_move_meanwhile(struct kunit *test)
{
	walk_meanwhile(test, OTHERS_MOVE);
}

static struct kunit_case locked_cases[] = {
	KUNIT_CASE(others_in_front),
	KUNIT_CASE(nobody_to_hold),
	KUNIT_CASE(taken_over_meanwhile),
	KUNIT_CASE(taken_over_at_the_tail),
	KUNIT_CASE(others_move_meanwhile),
	{}
};

static struct kunit_suite locked_suite = {
	.name = "tw_locked",
	.test_cases = locked_cases,
};

kunit_test_suite(locked_suite);
