/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses, sockets and rows for the tests to begin with. */
#ifndef TWS_TESTS_SAMPLES_H
#define TWS_TESTS_SAMPLES_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "compute/classify.h"
#include "compute/reserve.h"
#include "compute/table.h"
#include "compute/tuple.h"

/* An IPv4 address as a number in host order. */
#define TWS_IP4(a, b, c, d) \
	((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))

/* The addresses that most examples are about. */
#define TWS_CLIENT	TWS_IP4(10, 0, 0, 1)
#define TWS_SERVER	TWS_IP4(10, 0, 9, 1)

struct in6_addr tws_test_v4(u32 addr);
struct in6_addr tws_test_v6(u16 last);
struct tws_tuple tws_test_tuple(void);
void tws_test_set_v6(struct tws_tuple *t, struct in6_addr local,
		     struct in6_addr remote);
struct tws_key tws_test_key(u32 number);
u32 tws_test_key_number(const struct tws_key *key);
struct tws_key tws_test_port_key(enum tws_dir dir, u32 addr, u16 port);
const struct tws_hash_seed *tws_test_hash(u32 number);
struct tws_row *tws_test_row(struct tws_table *table,
			     const struct tws_key *key);
unsigned long *tws_test_bitmap(struct kunit *test);
struct tws_reserve *tws_test_reserve(struct kunit *test);
void tws_test_needs_processors(struct kunit *test);
u32 tws_test_seed(struct kunit *test, struct rnd_state *random);
u32 tws_test_below(struct rnd_state *random, u32 limit);

#endif /* TWS_TESTS_SAMPLES_H */
