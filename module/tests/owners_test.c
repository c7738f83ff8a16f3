// SPDX-License-Identifier: GPL-2.0-only
/*
 * Owners of ports, in a chain of the bind table that the test builds: more of them than are
 * read in a section, and the place that is kept goes between two sections. As the kernels
 * from 6.8 on have them, one of which runs these tests.
 */
#include <kunit/test.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "compute/classify.h"
#include "compute/sources.h"
#include "owners.h"

/* As in stride.h: so many are read in one section. */
#define SECTION		8192u
#define OWNERS		(2 * SECTION + 100)
#define PORT		40001
#define ADDRESSES	3

struct fake {
	struct inet_hashinfo h;
	struct inet_bind_hashbucket head;
	struct inet_bind_bucket tb;
	struct inet_bind2_bucket tb2[ADDRESSES];
	struct inet_timewait_sock *owners;
	unsigned long ports[BITS_TO_LONGS(TWS_PORTS)];

	/* What was handed out. */
	unsigned int seen[ADDRESSES];
	unsigned int lost;
	unsigned int breaks;	/* how often a place shall be lost yet */
	u32 timewaits;
};

static struct sock *owner_at(struct fake *f, unsigned int i)
{
	return (struct sock *)&f->owners[i];
}

static void free_owners(void *owners)
{
	kvfree(owners);
}

/* The first ones are at the end of their lists. */
static void add_owner(struct fake *f, unsigned int i, unsigned int address)
{
	struct inet_timewait_sock *tw = &f->owners[i];

	tw->tw_state = TCP_TIME_WAIT;
	tw->tw_family = AF_INET;
	tw->tw_rcv_saddr = htonl(0x0a000000 + address);
	tw->tw_num = PORT;
	tw->tw_tb = &f->tb;
	tw->tw_tb2 = &f->tb2[address];
	refcount_set(&tw->tw_refcnt, 1);
	sk_add_bind_node((struct sock *)tw, &f->tb2[address].owners);
}

static struct fake *new_fake(struct kunit *test, struct net *net)
{
	struct fake *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->owners = kvcalloc(OWNERS, sizeof(*f->owners), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->owners);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_owners, f->owners), 0);
	f->h.bhash = &f->head;
	f->h.bhash_size = 1;
	spin_lock_init(&f->head.lock);
	write_pnet(&f->tb.ib_net, net);
	f->tb.port = PORT;
	hlist_add_head(&f->tb.node, &f->head.chain);
	for (i = 0; i < ADDRESSES; i++)
		hlist_add_head(&f->tb2[i].bhash_node, &f->tb.bhash2);
	__set_bit(PORT, f->ports);
	return f;
}

/* Whoever is held between two sections leaves the bucket. */
static void lose_the_place(struct fake *f)
{
	unsigned int i;

	for (i = 0; i < OWNERS; i++) {
		if (refcount_read(&owner_at(f, i)->sk_refcnt) < 2 || !f->owners[i].tw_tb)
			continue;
		__sk_del_bind_node(owner_at(f, i));
		f->owners[i].tw_tb = NULL;
		f->owners[i].tw_tb2 = NULL;
		f->breaks--;
		return;
	}
}

static void see(void *ctx, const struct tws_owner *owner)
{
	struct fake *f = ctx;

	f->seen[ntohl(owner->addr.s6_addr32[3]) & 3]++;
	f->timewaits += owner->timewait;
	if (f->breaks)
		lose_the_place(f);
}

static void lose(void *ctx, u16 port)
{
	struct fake *f = ctx;

	f->lost += port == PORT;
}

static void walk_all(struct kunit *test, struct fake *f)
{
	struct tws_ownerwalk walk = {
		.hashinfo = &f->h,
		.net = &init_net,
		.ports = f->ports,
		.sink = see,
		.lost = lose,
		.ctx = f,
	};
	unsigned int i, held = 0;

	KUNIT_EXPECT_EQ(test, tws_ownerwalk(&walk), 0);
	for (i = 0; i < OWNERS; i++)
		held += refcount_read(&owner_at(f, i)->sk_refcnt) > 1;
	KUNIT_EXPECT_EQ(test, held, 0u);
}

/* Three addresses on three lists; that of the last one is first, and long. */
static struct fake *crowded(struct kunit *test, struct net *net)
{
	struct fake *f = new_fake(test, net);
	unsigned int i;

	for (i = 0; i < OWNERS; i++)
		add_owner(f, i, i < 2 ? i : 2);
	return f;
}

static void sections(struct kunit *test)
{
	struct fake *f = crowded(test, &init_net);

	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->seen[0], 1u);
	KUNIT_EXPECT_EQ(test, f->seen[1], 1u);
	/* One for each section. */
	KUNIT_EXPECT_EQ(test, f->seen[2], 3u);
	KUNIT_EXPECT_EQ(test, f->timewaits, 5u);
	KUNIT_EXPECT_EQ(test, f->lost, 0u);
}

/* Owners that are not alike: a batch is full before the section. */
static void all_different(struct kunit *test)
{
	struct fake *f = new_fake(test, &init_net);
	unsigned int i;

	for (i = 0; i < OWNERS; i++) {
		add_owner(f, i, 2);
		f->owners[i].tw_bound_dev_if = i;
	}
	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->seen[2], OWNERS);
	KUNIT_EXPECT_EQ(test, f->lost, 0u);
}

/* It is read again, up to three times, and is whole then. */
static void the_place_is_lost(struct kunit *test)
{
	struct fake *f = crowded(test, &init_net);

	f->breaks = 2;
	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->breaks, 0u);
	KUNIT_EXPECT_EQ(test, f->seen[0], 1u);
	KUNIT_EXPECT_EQ(test, f->seen[1], 1u);
	KUNIT_EXPECT_EQ(test, f->lost, 0u);
}

/* In the last try no more is read than a section may. */
static void the_place_is_always_lost(struct kunit *test)
{
	struct fake *f = crowded(test, &init_net);

	f->breaks = 3;
	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->breaks, 0u);
	KUNIT_EXPECT_EQ(test, f->seen[0] + f->seen[1], 0u);
	KUNIT_EXPECT_EQ(test, f->lost, 1u);
}

/* Sockets that have no reference yet, or no more: all is read in one section. */
static void nobody_can_be_held(struct kunit *test)
{
	struct fake *f = crowded(test, &init_net);
	unsigned int i;

	for (i = 0; i < OWNERS; i++)
		refcount_set(&owner_at(f, i)->sk_refcnt, 0);
	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->seen[0], 1u);
	KUNIT_EXPECT_EQ(test, f->seen[2], 1u);
	KUNIT_EXPECT_EQ(test, f->lost, 0u);
}

static void of_another_namespace(struct kunit *test)
{
	struct fake *f = crowded(test, (struct net *)test);

	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->seen[0] + f->seen[1] + f->seen[2], 0u);
	KUNIT_EXPECT_EQ(test, f->lost, 0u);
}

static void of_another_port(struct kunit *test)
{
	struct fake *f = crowded(test, &init_net);

	__clear_bit(PORT, f->ports);
	__set_bit(PORT + 1, f->ports);
	walk_all(test, f);
	KUNIT_EXPECT_EQ(test, f->seen[0] + f->seen[1] + f->seen[2], 0u);
}

static struct kunit_case owners_cases[] = {
	KUNIT_CASE(sections),
	KUNIT_CASE(all_different),
	KUNIT_CASE(the_place_is_lost),
	KUNIT_CASE(the_place_is_always_lost),
	KUNIT_CASE(nobody_can_be_held),
	KUNIT_CASE(of_another_namespace),
	KUNIT_CASE(of_another_port),
	{}
};

static struct kunit_suite owners_suite = {
	.name = "tw_owners",
	.test_cases = owners_cases,
};

kunit_test_suite(owners_suite);
