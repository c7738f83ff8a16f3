// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over a table that does not stand still: while the test walks, a thread
 * goes on replacing the object of each connection by another one, in the ways
 * in which the kernel does that, all of them with the bucket lock held:
 *
 * - a connect() that takes over a TIME_WAIT adds its socket at the head, then
 *   deletes the old one; so do sockets that enter TIME_WAIT, until 6.11;
 * - they are put in the place of the old one since 6.12, as is the socket that
 *   a request socket becomes (compat/handover.h says since when);
 * - before that, the request socket is deleted and then its socket added.
 *
 * Whenever it looks, a walk has to find each connection once.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "faketable.h"
#include "samples.h"

#define SLOTS		8
/* Connections that are there all the time, and some that come and go. */
#define STAYING		160
#define COMING		32
#define ALL		(STAYING + COMING)
/* Here so many changes follow each other. */
#define BUSY_SLOT	3
#define IN_A_ROW	8
#define WALKS		2000
/* Objects that wait for a grace period: it takes as long as many changes. */
#define WAITING		4096
/* The hash says the slot and, above it, which use of an object this is. */
#define SLOT_BITS	8

enum change {
	ADD_DELETE = BIT(0),
	REPLACE = BIT(1),
	DELETE_ADD = BIT(2),
};

struct race {
	struct tws_fake_table *ft;
	struct rnd_state random;
	struct sock *object[ALL];
	struct sock *spare[WAITING];
	u32 nr_spare;
	u32 uses;
	u32 changes;
	u8 ways;	/* enum change, those that happen */
	bool locked;	/* the walks read under the locks */
	bool recycle;	/* objects are used again at once */
	u8 seen[ALL];
};

static struct sock *new_object(const struct race *r)
{
	struct tcp_timewait_sock *tw = kzalloc(sizeof(*tw), GFP_KERNEL);
	struct sock *sk = (struct sock *)tw;

	if (!tw)
		return NULL;
	sk->sk_state = TCP_ESTABLISHED;
	sk->sk_family = AF_INET;
	write_pnet(&sk->sk_net, r->ft->net);
	return sk;
}

/*
 * An object that is in no chain. One that is used again (SLAB_TYPESAFE_BY_RCU) is the one
 * that was freed last, as slab does it. It is given another hash than ever before: that
 * the same object comes to be the same connection again, a walk could not tell.
 */
static struct sock *take_object(struct race *r, u32 number)
{
	struct sock *sk;

	sk = r->recycle ? r->spare[--r->nr_spare] : new_object(r);
	if (sk)
		tws_fake_number(sk, number % SLOTS | ++r->uses << SLOT_BITS,
				number);
	return sk;
}

static void free_spare(struct race *r)
{
	while (r->nr_spare)
		kfree(r->spare[--r->nr_spare]);
}

static void give_object(struct race *r, struct sock *sk)
{
	if (!r->recycle && r->nr_spare == WAITING) {
		synchronize_rcu();
		free_spare(r);
	}
	r->spare[r->nr_spare++] = sk;
}

static void dawdle(struct race *r, u32 most)
{
	u32 i = tws_test_below(&r->random, most);

	while (i--)
		cpu_relax();
}

static enum change random_way(struct race *r)
{
	enum change way;

	do {
		way = BIT(tws_test_below(&r->random, 3));
	} while (!(r->ways & way));
	return way;
}

/* With the lock of the slot, as all that changes a chain. */
static void replace_object(struct race *r, struct sock *old, struct sock *new)
{
	switch (random_way(r)) {
	case ADD_DELETE:
		tws_fake_hash(r->ft, new);
		/* Long enough for a walk to read both before the second goes. */
		dawdle(r, 400);
		hlist_nulls_del_init_rcu(&old->sk_nulls_node);
		break;
	case REPLACE:
		hlist_nulls_replace_init_rcu(&old->sk_nulls_node,
					     &new->sk_nulls_node);
		break;
	case DELETE_ADD:
		hlist_nulls_del_init_rcu(&old->sk_nulls_node);
		/* Long enough for a walk to come to the end meanwhile. */
		dawdle(r, 400);
		tws_fake_hash(r->ft, new);
		break;
	}
}

/* Of those that come and go, one that is there goes. */
static bool leaves(const struct race *r, u32 number)
{
	return number >= STAYING && r->object[number];
}

/* Give the connection a new object, or none; return its old one, or NULL. */
static struct sock *change_locked(struct race *r, u32 number, struct sock *new)
{
	struct sock *old = r->object[number];

	if (!old)
		tws_fake_hash(r->ft, new);
	else if (!new)
		hlist_nulls_del_init_rcu(&old->sk_nulls_node);
	else
		replace_object(r, old, new);
	r->object[number] = new;
	WRITE_ONCE(r->changes, r->changes + 1);
	return old;
}

static void change_one(struct race *r)
{
	const u32 number = tws_test_below(&r->random, ALL);
	spinlock_t *lock = inet_ehash_lockp(&r->ft->h, number);
	struct sock *old, *new = NULL;

	if (!leaves(r, number)) {
		new = take_object(r, number);
		if (!new)
			return;
	}
	spin_lock_bh(lock);
	old = change_locked(r, number, new);
	spin_unlock_bh(lock);
	if (old)
		give_object(r, old);
}

/*
 * One change after the other in one chain, so fast that the object which a walk is to go
 * on to has become another one there.
 */
static void change_some(struct race *r)
{
	spinlock_t *lock = inet_ehash_lockp(&r->ft->h, BUSY_SLOT);
	u32 i, number;
	struct sock *old;

	BUILD_BUG_ON(ALL % SLOTS);
	spin_lock_bh(lock);
	for (i = 0; i < IN_A_ROW; i++) {
		number = tws_test_below(&r->random, ALL / SLOTS) * SLOTS + BUSY_SLOT;
		old = change_locked(r, number, leaves(r, number) ?
				    NULL : take_object(r, number));
		if (old)
			give_object(r, old);
	}
	spin_unlock_bh(lock);
}

static int change_thread(void *arg)
{
	struct race *r = arg;

	while (!kthread_should_stop()) {
		if (r->recycle && tws_test_below(&r->random, 2))
			change_some(r);
		else
			change_one(r);
		dawdle(r, 50);
		cond_resched();
	}
	return 0;
}

/* What a walk got wrong. */
struct faults {
	u32 missing;
	u32 twice;
	u32 torn;	/* no connection that there ever was */
};

static void check_walk(struct race *r, const struct tws_fake_catch *catch,
		       struct faults *faults)
{
	u32 i;

	memset(r->seen, 0, sizeof(r->seen));
	for (i = 0; i < min(catch->nr, catch->room); i++) {
		const u32 number = tws_fake_number_of(&catch->tuples[i]);

		if (number >= ALL || catch->tuples[i].slot != number % SLOTS)
			faults->torn++;
		else if (r->seen[number]++)
			faults->twice++;
	}
	for (i = 0; i < STAYING; i++)
		faults->missing += !r->seen[i];
}

static struct race *new_race(struct kunit *test, u8 ways, bool recycle)
{
	struct race *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->ft = tws_fake_table(test, SLOTS, SLOTS / 2);
	r->ways = ways;
	tws_test_seed(test, &r->random);
	for (i = 0; i < ALL; i++) {
		r->object[i] = new_object(r);
		KUNIT_ASSERT_NOT_NULL(test, r->object[i]);
		tws_fake_number(r->object[i], i % SLOTS, i);
		tws_fake_hash(r->ft, r->object[i]);
	}
	r->recycle = recycle;
	if (recycle) {
		r->spare[r->nr_spare] = new_object(r);
		KUNIT_ASSERT_NOT_NULL(test, r->spare[r->nr_spare]);
		r->nr_spare++;
	}
	return r;
}

static void end_race(struct race *r)
{
	u32 i;

	for (i = 0; i < ALL; i++)
		kfree(r->object[i]);
	free_spare(r);
}

/* The thread may come late to its processor: then all walks would be over. */
static void wait_for_change(const struct race *r)
{
	u32 tries;

	for (tries = 0; tries < 3000 && !READ_ONCE(r->changes); tries++)
		msleep(20);
}

static void walk_during(struct kunit *test, struct race *r)
{
	struct tws_fake_catch *catch = tws_fake_catch(test, 2 * ALL);
	u32 i, retried = 0, locked = 0, errors = 0;
	struct task_struct *thread;
	struct faults faults = {};

	tws_test_needs_processors(test);
	thread = kthread_run(change_thread, r, "tw_summary_race");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
	wait_for_change(r);
	for (i = 0; i < WALKS; i++) {
		struct tws_walk walk = tws_fake_walk(r->ft, catch);

		walk.unlocked &= !r->locked;
		errors += !!tws_walk(&walk) || walk.truncated;
		check_walk(r, catch, &faults);
		retried += walk.retried;
		locked += walk.locked;
	}
	kthread_stop(thread);
	end_race(r);

	kunit_info(test, "%u slots read, %u changed meanwhile, %u locked; %u changes",
		   WALKS * SLOTS, retried, locked, r->changes);
	KUNIT_EXPECT_EQ(test, errors, 0);
	KUNIT_EXPECT_EQ(test, faults.missing, 0);
	KUNIT_EXPECT_EQ(test, faults.twice, 0);
	KUNIT_EXPECT_EQ(test, faults.torn, 0);
	KUNIT_EXPECT_GT(test, r->changes, 0);
}

static void walk_meanwhile(struct kunit *test, u8 ways, bool recycle)
{
	walk_during(test, new_race(test, ways, recycle));
}

/* TIME_WAITs that are taken over; what is deleted is gone after a while. */
static void takeover(struct kunit *test)
{
	walk_meanwhile(test, ADD_DELETE, false);
}

/* Sockets that enter TIME_WAIT in their place. */
static void replacement(struct kunit *test)
{
	walk_meanwhile(test, REPLACE, false);
}

/* Request sockets that become sockets, on older kernels. */
static void deletion_first(struct kunit *test)
{
	walk_meanwhile(test, DELETE_ADD, false);
}

/* The same three, with objects that are other connections the next moment. */
static void takeover_recycled(struct kunit *test)
{
	walk_meanwhile(test, ADD_DELETE, true);
}

static void replacement_recycled(struct kunit *test)
{
	walk_meanwhile(test, REPLACE, true);
}

static void deletion_first_recycled(struct kunit *test)
{
	walk_meanwhile(test, DELETE_ADD, true);
}

/* All of it, one after the other, as it comes. */
static void all_ways_recycled(struct kunit *test)
{
	walk_meanwhile(test, ADD_DELETE | REPLACE | DELETE_ADD, true);
}

/* The same under the locks. */
static void all_ways_under_locks(struct kunit *test)
{
	struct race *r = new_race(test, ADD_DELETE | REPLACE | DELETE_ADD, true);

	r->locked = true;
	walk_during(test, r);
}

/* A critical section that is in the middle until a walk has run into it. */
struct middle {
	struct tws_fake_table *ft;
	struct tws_walk *walk;
	struct completion reached;
	struct completion left;
	struct sock *old;
	struct sock *new;
	bool add_first;
	bool walked;
};

static int middle_thread(void *arg)
{
	struct middle *m = arg;
	spinlock_t *lock = inet_ehash_lockp(&m->ft->h, m->old->sk_hash);

	spin_lock_bh(lock);
	if (m->add_first)
		tws_fake_hash(m->ft, m->new);
	else
		hlist_nulls_del_init_rcu(&m->old->sk_nulls_node);
	complete(&m->reached);
	while (!READ_ONCE(m->walk->retried) && !READ_ONCE(m->walk->locked) &&
	       !READ_ONCE(m->walked))
		cpu_relax();
	if (m->add_first)
		hlist_nulls_del_init_rcu(&m->old->sk_nulls_node);
	else
		tws_fake_hash(m->ft, m->new);
	spin_unlock_bh(lock);
	complete(&m->left);
	return 0;
}

/*
 * Three connections in slot 3; the second is at half time: its twin is added
 * and it is not deleted yet, or it is deleted and its twin not added yet.
 */
static void half_done(struct kunit *test, bool add_first)
{
	struct tws_fake_table *ft = tws_fake_table(test, SLOTS, SLOTS / 2);
	struct tws_fake_catch *catch = tws_fake_catch(test, 8);
	struct tws_walk walk = tws_fake_walk(ft, catch);
	struct middle m = { .ft = ft, .walk = &walk, .add_first = add_first };
	u8 seen[3] = {};
	u32 i;

	tws_test_needs_processors(test);
	init_completion(&m.reached);
	init_completion(&m.left);
	tws_fake_add(test, ft, 3, 0);
	m.old = tws_fake_add(test, ft, 3, 1);
	tws_fake_add(test, ft, 3, 2);
	m.new = tws_fake_sock(test, ft, TCP_ESTABLISHED);
	tws_fake_number(m.new, 3, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(middle_thread, &m,
						    "tw_summary_middle")));
	wait_for_completion(&m.reached);
	KUNIT_EXPECT_EQ(test, tws_walk(&walk), 0);
	WRITE_ONCE(m.walked, true);
	wait_for_completion(&m.left);

	KUNIT_ASSERT_EQ(test, catch->nr, 3);
	for (i = 0; i < 3; i++)
		seen[tws_fake_number_of(&catch->tuples[i]) % 3]++;
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, seen[i], 1);
}

static void half_of_a_takeover(struct kunit *test)
{
	half_done(test, true);
}

static void half_of_a_deletion_first(struct kunit *test)
{
	half_done(test, false);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(half_of_a_takeover),
	KUNIT_CASE(half_of_a_deletion_first),
	KUNIT_CASE_SLOW(takeover),
	KUNIT_CASE_SLOW(replacement),
	KUNIT_CASE_SLOW(deletion_first),
	KUNIT_CASE_SLOW(takeover_recycled),
	KUNIT_CASE_SLOW(replacement_recycled),
	KUNIT_CASE_SLOW(deletion_first_recycled),
	KUNIT_CASE_SLOW(all_ways_recycled),
	KUNIT_CASE_SLOW(all_ways_under_locks),
	{}
};

static struct kunit_suite race_suite = {
	.name = "tw_race",
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
