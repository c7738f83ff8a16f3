// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hash table of sockets that a test builds itself. The sockets are zeroed
 * memory, as large as a timewait socket: whoever reads of a full or a request
 * socket what they have not in common reads beyond the end, which KASAN tells.
 */
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "faketable.h"
#include "samples.h"
#include "walk/chain.h"

/* Namespaces are told apart by their addresses alone. */
static char tws_fake_nets[2];

struct tws_fake_table *tws_fake_table(struct kunit *test, unsigned int slots,
				      unsigned int locks)
{
	struct tws_fake_table *ft = kunit_kzalloc(test, sizeof(*ft),
						  GFP_KERNEL);
	struct inet_hashinfo *h = &ft->h;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, ft);
	ft->net = (struct net *)&tws_fake_nets[0];
	ft->other = (struct net *)&tws_fake_nets[1];
	h->ehash = kunit_kcalloc(test, slots, sizeof(*h->ehash), GFP_KERNEL);
	h->ehash_locks = kunit_kcalloc(test, locks, sizeof(*h->ehash_locks),
				       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, h->ehash);
	KUNIT_ASSERT_NOT_NULL(test, h->ehash_locks);
	h->ehash_mask = slots - 1;
	h->ehash_locks_mask = locks - 1;
	for (i = 0; i < slots; i++)
		INIT_HLIST_NULLS_HEAD(&h->ehash[i].chain, i);
	for (i = 0; i < locks; i++)
		spin_lock_init(&h->ehash_locks[i]);
	return ft;
}

/* A socket that is in no chain, of the table's namespace. */
struct sock *tws_fake_sock(struct kunit *test, struct tws_fake_table *ft,
			   int state)
{
	struct tcp_timewait_sock *tw = kunit_kzalloc(test, sizeof(*tw),
						     GFP_KERNEL);
	struct sock *sk = (struct sock *)tw;

	KUNIT_ASSERT_NOT_NULL(test, tw);
	sk->sk_state = state;
	sk->sk_family = AF_INET;
	write_pnet(&sk->sk_net, ft->net);
	return sk;
}

/*
 * Make a socket that of the connection with a number: 10.0.0.1:NUMBER to
 * 10.0.9.1:NUMBER, so that one who reads half of one and half of another gives
 * himself away.
 */
void tws_fake_number(struct sock *sk, u32 hash, u32 number)
{
	sk->sk_hash = hash;
	sk->sk_rcv_saddr = htonl(TWS_CLIENT);
	sk->sk_daddr = htonl(TWS_SERVER);
	sk->sk_num = number;
	sk->sk_dport = htons(number);
}

/* Add a socket to the chain that its hash says. */
void tws_fake_hash(struct tws_fake_table *ft, struct sock *sk)
{
	struct inet_ehash_bucket *bucket = inet_ehash_bucket(&ft->h,
							     sk->sk_hash);

	hlist_nulls_add_head_rcu(&sk->sk_nulls_node, &bucket->chain);
}

/* An established connection with a number in a slot. */
struct sock *tws_fake_add(struct kunit *test, struct tws_fake_table *ft,
			  unsigned int slot, u32 number)
{
	struct sock *sk = tws_fake_sock(test, ft, TCP_ESTABLISHED);

	tws_fake_number(sk, slot, number);
	tws_fake_hash(ft, sk);
	return sk;
}

/* The number of the connection; U32_MAX if it is none that was made. */
u32 tws_fake_number_of(const struct tws_tuple *t)
{
	if (t->lport != ntohs(t->dport) || !t->v4 ||
	    t->local4 != htonl(TWS_CLIENT) || t->remote4 != htonl(TWS_SERVER))
		return U32_MAX;
	return t->lport;
}

struct tws_fake_catch *tws_fake_catch(struct kunit *test, u32 room)
{
	struct tws_fake_catch *catch = kunit_kzalloc(test, sizeof(*catch),
						     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, catch);
	catch->tuples = kunit_kcalloc(test, room, sizeof(*catch->tuples),
				      GFP_KERNEL);
	catch->batch_of = kunit_kcalloc(test, room, sizeof(*catch->batch_of),
					GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, catch->tuples);
	KUNIT_ASSERT_NOT_NULL(test, catch->batch_of);
	catch->room = room;
	return catch;
}

void tws_fake_sink(void *arg, const struct tws_tuple *batch, unsigned int nr)
{
	struct tws_fake_catch *catch = arg;
	unsigned int i;

	might_sleep();
	for (i = 0; i < nr; i++, catch->nr++) {
		if (catch->nr >= catch->room)
			continue;
		catch->tuples[catch->nr] = batch[i];
		catch->batch_of[catch->nr] = catch->batches;
	}
	catch->batches++;
}

/* A walk that begins with an empty catch. */
struct tws_walk tws_fake_walk(struct tws_fake_table *ft,
			      struct tws_fake_catch *catch)
{
	const struct tws_walk walk = {
		.hashinfo = &ft->h,
		.net = ft->net,
		.sink = tws_fake_sink,
		.ctx = catch,
		.breath = &catch->breath,
		.unlocked = TWS_CHAIN_ORDERED,
	};

	catch->nr = 0;
	catch->batches = 0;
	return walk;
}

/* A whole walk, and another one under the locks, which must find as much. */
void tws_fake_walk_all(struct kunit *test, struct tws_fake_table *ft,
		       struct tws_fake_catch *catch, struct tws_walk *walk)
{
	u32 under_locks;

	*walk = tws_fake_walk(ft, catch);
	walk->unlocked = false;
	KUNIT_ASSERT_EQ(test, tws_walk(walk), 0);
	KUNIT_EXPECT_FALSE(test, walk->truncated);
	under_locks = catch->nr;
	*walk = tws_fake_walk(ft, catch);
	KUNIT_ASSERT_EQ(test, tws_walk(walk), 0);
	KUNIT_EXPECT_FALSE(test, walk->truncated);
	KUNIT_EXPECT_EQ(test, catch->nr, under_locks);
	KUNIT_EXPECT_LE(test, catch->nr, catch->room);
}

/* Connections with the numbers from 0 on, each exactly once. */
void tws_expect_numbers(struct kunit *test, const struct tws_fake_catch *catch,
			u32 nr)
{
	u8 *seen = kunit_kzalloc(test, nr + 1, GFP_KERNEL);
	u32 i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_ASSERT_EQ(test, catch->nr, nr);
	for (i = 0; i < nr; i++) {
		const u32 number = tws_fake_number_of(&catch->tuples[i]);

		if (number >= nr || seen[number]++)
			wrong++;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/*
 * The sockets of a slot are handed out in one batch, in the order of their chain: the
 * latest one first.
 */
void tws_expect_whole_slots(struct kunit *test, const struct tws_fake_catch *catch,
			    u32 slots)
{
	u32 *last = kunit_kcalloc(test, slots, sizeof(*last), GFP_KERNEL);
	u32 i, cut = 0, swapped = 0;

	KUNIT_ASSERT_NOT_NULL(test, last);
	for (i = 0; i < catch->nr; i++) {
		const struct tws_tuple *t = &catch->tuples[i];
		const u32 before = last[t->slot];

		last[t->slot] = i + 1;
		if (!before)
			continue;
		cut += catch->batch_of[before - 1] != catch->batch_of[i];
		swapped += tws_fake_number_of(&catch->tuples[before - 1]) <
			   tws_fake_number_of(t);
	}
	KUNIT_EXPECT_EQ(test, cut, 0);
	KUNIT_EXPECT_EQ(test, swapped, 0);
}
