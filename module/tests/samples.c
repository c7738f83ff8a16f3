// SPDX-License-Identifier: GPL-2.0-only
/* Addresses, sockets and rows for the tests to begin with. */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <net/ipv6.h>

#include "samples.h"

/* Remote addresses of numbered keys count up from here. */
#define TWS_FIRST_REMOTE	TWS_IP4(11, 0, 0, 0)

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "seed of the random examples, 0: another one each time");

/* An IPv4 address the way that the module keeps it. */
struct in6_addr tws_test_v4(u32 addr)
{
	struct in6_addr mapped;

	ipv6_addr_set_v4mapped(htonl(addr), &mapped);
	return mapped;
}

/* 2001:db8::LAST */
struct in6_addr tws_test_v6(u16 last)
{
	struct in6_addr addr = {};

	addr.s6_addr16[0] = htons(0x2001);
	addr.s6_addr16[1] = htons(0xdb8);
	addr.s6_addr16[7] = htons(last);
	return addr;
}

/* An established connection of a client, 10.0.0.1:40000 to 10.0.9.1:443. */
struct tws_tuple tws_test_tuple(void)
{
	struct tws_tuple t = {
		.local4 = htonl(TWS_CLIENT),
		.remote4 = htonl(TWS_SERVER),
		.lport = 40000,
		.dport = htons(443),
		.state = TWS_STATE_ESTABLISHED,
		.kind = TWS_KIND_FULL,
		.v4 = true,
	};

	return t;
}

/* Give a socket addresses as one of IPv6 has them. */
void tws_test_set_v6(struct tws_tuple *t, struct in6_addr local, struct in6_addr remote)
{
	t->v4 = false;
	t->local6 = local;
	t->remote6 = remote;
}

/* The key of an out row, another one for each number. */
struct tws_key tws_test_key(u32 number)
{
	struct tws_key key;

	memset(&key, 0, sizeof(key));
	key.local = tws_test_v4(TWS_CLIENT);
	key.remote = tws_test_v4(TWS_FIRST_REMOTE + number);
	key.rport = 443;
	key.dir = TWS_OUT;
	return key;
}

/* The number of which a key was made. */
u32 tws_test_key_number(const struct tws_key *key)
{
	return ntohl(key->remote.s6_addr32[3]) - TWS_FIRST_REMOTE;
}

/* The key of an in or bound row. */
struct tws_key tws_test_port_key(enum tws_dir dir, u32 addr, u16 port)
{
	struct tws_key key;

	memset(&key, 0, sizeof(key));
	key.local = tws_test_v4(addr);
	key.lport = port;
	key.dir = dir;
	return key;
}

/* The seed of a hash, until the next call. */
const struct tws_hash_seed *tws_test_hash(u32 number)
{
	static struct tws_hash_seed hash_seed;
	struct rnd_state random;

	prandom_seed_state(&random, number);
	prandom_bytes_state(&random, &hash_seed, sizeof(hash_seed));
	return &hash_seed;
}

/* Find or add the row of a key. */
struct tws_row *tws_test_row(struct tws_table *table, const struct tws_key *key)
{
	return tws_table_find_or_add(table, key, tws_key_hash(key, table->seed));
}

/* A bitmap of all ports, zeroed, that lives as long as the test. */
unsigned long *tws_test_bitmap(struct kunit *test)
{
	unsigned long *map = kunit_kcalloc(test, BITS_TO_LONGS(TWS_PORTS),
					   sizeof(long), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	return map;
}

static void nobody_refills(struct tws_reserve *reserve)
{
}

static void drain(void *reserve)
{
	tws_reserve_drain(reserve);
}

/* A full reserve that nobody refills, as long as the test. */
struct tws_reserve *tws_test_reserve(struct kunit *test)
{
	struct tws_reserve *reserve = kunit_kzalloc(test, sizeof(*reserve), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, reserve);
	tws_reserve_init(reserve, nobody_refills);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, drain, reserve), 0);
	KUNIT_ASSERT_TRUE(test, tws_reserve_fill(reserve));
	return reserve;
}

/* With one processor there is nobody to meet: skips the test. */
void tws_test_needs_processors(struct kunit *test)
{
	if (num_online_cpus() < 2)
		kunit_skip(test, "there is one processor only");
}

/*
 * Seed the random examples of a test; the log says with what, and the module's
 * parameter repeats it.
 */
u32 tws_test_seed(struct kunit *test, struct rnd_state *random)
{
	const u32 used = seed ?: get_random_u32() | 1;

	kunit_info(test, "seed=%u", used);
	prandom_seed_state(random, used);
	return used;
}

/* A random number below a limit. */
u32 tws_test_below(struct rnd_state *random, u32 limit)
{
	return prandom_u32_state(random) % limit;
}
