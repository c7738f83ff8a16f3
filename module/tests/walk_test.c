// SPDX-License-Identifier: GPL-2.0-only
/* A walk over a table that stands still. */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "compat/timewait.h"
#include "faketable.h"
#include "samples.h"
#include "walk/copy.h"

/* Nothing in 1,024 slots: no batch, no lock, no complaint. */
static void empty_table(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 1024, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 1);
	struct tws_walk walk;

	tws_fake_walk_all(test, ft, catch, &walk);
	KUNIT_EXPECT_EQ(test, catch->batches, 0);
	KUNIT_EXPECT_EQ(test, walk.locked, 0);
	KUNIT_EXPECT_EQ(test, walk.retried, 0);
}

/* A table of one slot. */
static void table_of_one_slot(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 1, 1);
	struct tws_fake_catch *catch = tws_fake_catch(test, 1);
	struct tws_walk walk;

	tws_fake_add(test, ft, 0, 0);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 1);
}

/* Sockets in the first slot, the last, and on both sides of each 256. */
static void slots_at_the_edges(struct kunit *test)
{
	static const unsigned int slots[] = {
		0, 1, 255, 256, 257, 511, 512, 1022, 1023,
	};
	struct tws_fake_table *ft = tws_fake_table(test, 1024, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 16);
	struct tws_walk walk;
	int i;

	for (i = 0; i < ARRAY_SIZE(slots); i++)
		tws_fake_add(test, ft, slots[i], i);
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, ARRAY_SIZE(slots));
	tws_expect_whole_slots(test, catch, 1024);
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		const struct tws_tuple *t = &catch->tuples[i];

		KUNIT_EXPECT_EQ(test, t->slot, slots[tws_fake_number_of(t)]);
	}
	KUNIT_EXPECT_EQ(test, walk.locked, 0);
}

/* Empty slots are skipped in groups: wherever the only socket is, it is found. */
static void one_socket_in_any_slot(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 64, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 2);
	struct tws_walk walk;
	struct sock *sk;
	u32 slot;

	for (slot = 0; slot < 64; slot++) {
		sk = tws_fake_add(test, ft, slot, slot);
		tws_fake_walk_all(test, ft, catch, &walk);
		KUNIT_EXPECT_EQ(test, catch->nr, 1);
		KUNIT_EXPECT_EQ(test, tws_fake_number_of(&catch->tuples[0]), slot);
		hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	}
}

static const struct tws_tuple *only_tuple(struct kunit *test,
					  struct tws_fake_table *ft,
					  struct sock *sk)
{
	struct tws_fake_catch *catch = tws_fake_catch(test, 2);
	struct tws_walk walk;

	sk->sk_hash = 3;
	tws_fake_hash(ft, sk);
	tws_fake_walk_all(test, ft, catch, &walk);
	hlist_nulls_del_init_rcu(&sk->sk_nulls_node);
	KUNIT_ASSERT_EQ(test, catch->nr, 1);
	return &catch->tuples[0];
}

/* Every state that a socket of this table can have. */
static void states_and_kinds(struct kunit *test)
{
	static const struct {
		int state, substate;
		u8 want, kind;
	} examples[] = {
		{ TCP_ESTABLISHED, 0, TWS_STATE_ESTABLISHED, TWS_KIND_FULL },
		{ TCP_SYN_SENT, 0, TWS_STATE_SYN_SENT, TWS_KIND_FULL },
		{ TCP_SYN_RECV, 0, TWS_STATE_OTHER, TWS_KIND_FULL },
		{ TCP_FIN_WAIT1, 0, TWS_STATE_OTHER, TWS_KIND_FULL },
		{ TCP_FIN_WAIT2, 0, TWS_STATE_FIN_WAIT2, TWS_KIND_FULL },
		{ TCP_CLOSE_WAIT, 0, TWS_STATE_CLOSE_WAIT, TWS_KIND_FULL },
		{ TCP_LAST_ACK, 0, TWS_STATE_OTHER, TWS_KIND_FULL },
		{ TCP_CLOSING, 0, TWS_STATE_OTHER, TWS_KIND_FULL },
		{ TCP_NEW_SYN_RECV, 0, TWS_STATE_OTHER, TWS_KIND_REQUEST },
		{ TCP_TIME_WAIT, TCP_TIME_WAIT, TWS_STATE_TIME_WAIT, TWS_KIND_TIMEWAIT },
		{ TCP_TIME_WAIT, TCP_FIN_WAIT2, TWS_STATE_FIN_WAIT2, TWS_KIND_TIMEWAIT },
	};
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	int i;

	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		struct sock *sk = tws_fake_sock(test, ft, examples[i].state);
		const struct tws_tuple *t;

		if (examples[i].state == TCP_TIME_WAIT)
			inet_twsk(sk)->tw_substate = examples[i].substate;
		t = only_tuple(test, ft, sk);
		KUNIT_EXPECT_EQ_MSG(test, t->state, examples[i].want,
				    "example %d", i);
		KUNIT_EXPECT_EQ_MSG(test, t->kind, examples[i].kind,
				    "example %d", i);
	}
}

static void expect_addresses(struct kunit *test, const struct tws_tuple *t,
			     struct in6_addr local, struct in6_addr remote)
{
	struct in6_addr t_local, t_remote;

	tws_tuple_addresses(t, &t_local, &t_remote);
	KUNIT_EXPECT_MEMEQ(test, &t_local, &local, sizeof(local));
	KUNIT_EXPECT_MEMEQ(test, &t_remote, &remote, sizeof(remote));
}

/* 10.0.0.1:40000 to 10.0.9.1:443 on device 7. */
static void ports_and_device(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct sock *sk = tws_fake_sock(test, ft, TCP_ESTABLISHED);
	const struct tws_tuple *t;

	sk->sk_rcv_saddr = htonl(TWS_CLIENT);
	sk->sk_daddr = htonl(TWS_SERVER);
	sk->sk_num = 40000;
	sk->sk_dport = htons(443);
	sk->sk_bound_dev_if = 7;
	t = only_tuple(test, ft, sk);
	expect_addresses(test, t, tws_test_v4(TWS_CLIENT), tws_test_v4(TWS_SERVER));
	KUNIT_EXPECT_TRUE(test, t->v4);
	KUNIT_EXPECT_EQ(test, t->lport, 40000);
	KUNIT_EXPECT_EQ(test, ntohs(t->dport), 443);
	KUNIT_EXPECT_EQ(test, t->dev, 7);
	KUNIT_EXPECT_EQ(test, t->slot, 3);
	KUNIT_EXPECT_EQ(test, t->left_ms, 0);
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * One connection of each family, as the kernel leaves their addresses: those
 * of IPv6 in an IPv4 timewait socket are not set, those of IPv4 in an IPv6 one
 * mean nothing.
 */
static void families(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	const struct in6_addr local = tws_test_v4(TWS_CLIENT);
	const struct in6_addr remote = tws_test_v4(TWS_SERVER);
	const struct in6_addr v6_local = tws_test_v6(1);
	const struct in6_addr v6_remote = tws_test_v6(2);
	static const int states[] = {
		TCP_ESTABLISHED, TCP_TIME_WAIT, TCP_NEW_SYN_RECV,
	};
	const struct tws_tuple *t;
	struct sock *sk;
	int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		sk = tws_fake_sock(test, ft, states[i]);
		sk->sk_rcv_saddr = htonl(TWS_CLIENT);
		sk->sk_daddr = htonl(TWS_SERVER);
		memset(&sk->sk_v6_rcv_saddr, 0xa5, sizeof(struct in6_addr));
		memset(&sk->sk_v6_daddr, 0xa5, sizeof(struct in6_addr));
		t = only_tuple(test, ft, sk);
		expect_addresses(test, t, local, remote);
		KUNIT_EXPECT_TRUE(test, t->v4);

		/* IPv4-mapped: both, and the same row as the one above. */
		sk->sk_family = AF_INET6;
		sk->sk_v6_rcv_saddr = local;
		sk->sk_v6_daddr = remote;
		t = only_tuple(test, ft, sk);
		expect_addresses(test, t, local, remote);
		KUNIT_EXPECT_TRUE(test, t->v4);

		sk->sk_rcv_saddr = htonl(0xa5a5a5a5);
		sk->sk_daddr = htonl(0xa5a5a5a5);
		sk->sk_v6_rcv_saddr = v6_local;
		sk->sk_v6_daddr = v6_remote;
		t = only_tuple(test, ft, sk);
		expect_addresses(test, t, v6_local, v6_remote);
		KUNIT_EXPECT_FALSE(test, t->v4);
	}
}
#endif

/* Its timer is due after the counter of ticks has begun anew. */
static void the_end_of_jiffies(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct inet_timewait_sock *tw;

	tw = inet_twsk(tws_fake_sock(test, ft, TCP_TIME_WAIT));
	tw->tw_timer.expires = 30 * HZ - 10;
	KUNIT_EXPECT_EQ(test, tws_time_left_ms(tw, -10), 30000);
	KUNIT_EXPECT_EQ(test, tws_time_left_ms(tw, 20 * HZ - 10), 10000);
	KUNIT_EXPECT_EQ(test, tws_time_left_ms(tw, 31 * HZ - 10), 0);
	tw->tw_timer.expires = -5;
	KUNIT_EXPECT_EQ(test, tws_time_left_ms(tw, -5 - HZ), 1000);
	KUNIT_EXPECT_EQ(test, tws_time_left_ms(tw, 3), 0);
}

/* What a timewait socket knows of times is handed on; of FIN_WAIT2 no end. */
static void times_of_a_timewait(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 1);
	struct sock *sk = tws_fake_sock(test, ft, TCP_TIME_WAIT);
	struct inet_timewait_sock *tw = inet_twsk(sk);
	unsigned long before, after;
	const struct tws_tuple *t;

	tw->tw_substate = TCP_TIME_WAIT;
	tcp_twsk(sk)->tw_ts_recent_stamp = 12345;
	before = jiffies;
	tw->tw_timer.expires = before + 30 * HZ;
	t = only_tuple(test, ft, sk);
	after = jiffies;
	KUNIT_EXPECT_LE(test, t->left_ms, 30000);
	/* However long it took: not less than what was left at its end. */
	KUNIT_EXPECT_GE(test, t->left_ms,
			30000 - min(jiffies_to_msecs(after - before), 30000u));
	KUNIT_EXPECT_EQ(test, t->ts_recent_stamp, 12345);
	KUNIT_EXPECT_EQ(test, t->entry_stamp, tws_compat_entry_stamp(tw));

	/* Overdue: its timer has not got round to it yet. */
	tw->tw_timer.expires = jiffies - 1;
	KUNIT_EXPECT_EQ(test, only_tuple(test, ft, sk)->left_ms, 0);
	/* Not armed yet, or for longer than it should. */
	tw->tw_timer.expires = 0;
	KUNIT_EXPECT_LE(test, only_tuple(test, ft, sk)->left_ms, 60000);
	tw->tw_timer.expires = jiffies + 600 * HZ;
	KUNIT_EXPECT_EQ(test, only_tuple(test, ft, sk)->left_ms, 60000);

	tw->tw_substate = TCP_FIN_WAIT2;
	KUNIT_EXPECT_EQ(test, only_tuple(test, ft, sk)->left_ms, 60000);
}

/* Ten of ours among 30 of another namespace, some slots wholly foreign. */
static void foreign_namespaces(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 4);
	struct tws_fake_catch *catch = tws_fake_catch(test, 40);
	struct tws_walk walk;
	int i;

	for (i = 0; i < 40; i++) {
		struct sock *sk = tws_fake_add(test, ft, i % 8, i / 4);

		if (i % 4)
			write_pnet(&sk->sk_net, ft->other);
	}
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 10);
}

/* The second of three sockets looks as if it were in no chain any more. */
static void socket_that_left_its_chain(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 16, 4);
	struct tws_fake_catch *catch = tws_fake_catch(test, 3);
	struct tws_walk walk;
	struct sock *sk;

	tws_fake_add(test, ft, 5, 0);
	sk = tws_fake_add(test, ft, 5, 1);
	tws_fake_add(test, ft, 5, 2);
	sk->sk_nulls_node.pprev = NULL;
	tws_fake_walk_all(test, ft, catch, &walk);
	tws_expect_numbers(test, catch, 3);
	KUNIT_EXPECT_GT(test, walk.retried, 0);
	KUNIT_EXPECT_EQ(test, walk.locked, 1);
}

/*
 * A user who has enough of it (a fatal signal) stops the walk after the section
 * in which it comes: the last of 8,192 slots is not reached.
 */
static void gives_up_on_a_fatal_signal(struct kunit *test)
{
	struct tws_fake_table *ft = tws_fake_table(test, 8192, 8);
	struct tws_fake_catch *catch = tws_fake_catch(test, 2);
	struct tws_walk walk = tws_fake_walk(ft, catch);

	tws_fake_add(test, ft, 0, 0);
	tws_fake_add(test, ft, 8191, 1);
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	KUNIT_EXPECT_EQ(test, tws_walk(&walk), -EINTR);
	flush_signals(current);
	disallow_signal(SIGKILL);
	KUNIT_EXPECT_EQ(test, catch->nr, 1);
}

static struct kunit_case walk_cases[] = {
	KUNIT_CASE(empty_table),
	KUNIT_CASE(table_of_one_slot),
	KUNIT_CASE(slots_at_the_edges),
	KUNIT_CASE(one_socket_in_any_slot),
	KUNIT_CASE(states_and_kinds),
	KUNIT_CASE(ports_and_device),
#if IS_ENABLED(CONFIG_IPV6)
	KUNIT_CASE(families),
#endif
	KUNIT_CASE(the_end_of_jiffies),
	KUNIT_CASE(times_of_a_timewait),
	KUNIT_CASE(foreign_namespaces),
	KUNIT_CASE(socket_that_left_its_chain),
	KUNIT_CASE(gives_up_on_a_fatal_signal),
	{}
};

static struct kunit_suite walk_suite = {
	.name = "tw_walk",
	.test_cases = walk_cases,
};

kunit_test_suite(walk_suite);
