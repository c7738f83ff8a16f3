/* SPDX-License-Identifier: GPL-2.0-only */
/* A hash table of sockets that a test builds itself, and a walk over it. */
#ifndef TWS_TESTS_FAKETABLE_H
#define TWS_TESTS_FAKETABLE_H

#include <kunit/test.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compute/stride.h"
#include "compute/tuple.h"
#include "walk/walk.h"

struct tws_fake_table {
	struct inet_hashinfo h;
	struct net *net;	/* an address, not a namespace */
	struct net *other;	/* likewise */
};

/* What a walk handed out. */
struct tws_fake_catch {
	struct tws_tuple *tuples;
	u32 *batch_of;		/* number of the batch that a tuple came in */
	u32 room;
	u32 nr;			/* may be more than there was room for */
	u32 batches;
	struct tws_breath breath;
};

struct tws_fake_table *tws_fake_table(struct kunit *test, unsigned int slots,
				      unsigned int locks);
struct sock *tws_fake_sock(struct kunit *test, struct tws_fake_table *ft,
			   int state);
void tws_fake_number(struct sock *sk, u32 hash, u32 number);
void tws_fake_hash(struct tws_fake_table *ft, struct sock *sk);
struct sock *tws_fake_add(struct kunit *test, struct tws_fake_table *ft,
			  unsigned int slot, u32 number);
u32 tws_fake_number_of(const struct tws_tuple *t);
struct tws_fake_catch *tws_fake_catch(struct kunit *test, u32 room);
void tws_fake_sink(void *arg, const struct tws_tuple *batch, unsigned int nr);
struct tws_walk tws_fake_walk(struct tws_fake_table *ft,
			      struct tws_fake_catch *catch);
void tws_fake_walk_all(struct kunit *test, struct tws_fake_table *ft,
		       struct tws_fake_catch *catch, struct tws_walk *walk);
void tws_expect_numbers(struct kunit *test, const struct tws_fake_catch *catch,
			u32 nr);
void tws_expect_whole_slots(struct kunit *test, const struct tws_fake_catch *catch,
			    u32 slots);

#endif /* TWS_TESTS_FAKETABLE_H */
