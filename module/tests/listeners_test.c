// SPDX-License-Identifier: GPL-2.0-only
/* Which ports are listened on, in a table of listeners that the test builds itself. */
#include <linux/bitops.h>

#include "compat/tables.h"
#include "compute/portmap.h"
#include "faketable.h"
#include "ports.h"
#include "samples.h"

/* As in listeners.c: so many are read in one section. */
#define SECTION		4096

#define SLOTS		4

static void free_map(void *map)
{
	tws_portmap_free(map);
}

/* A table of four chains without a listener, and a map. */
static struct tws_fake_table *table(struct kunit *test, struct tws_portmap **map)
{
	static const struct tws_range range = { .low = 40000, .high = 40009 };
	struct tws_fake_table *ft = tws_fake_table(test, 1, 1);
	unsigned int i;

	ft->h.lhash2 = kunit_kcalloc(test, SLOTS, sizeof(*ft->h.lhash2), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ft->h.lhash2);
	ft->h.lhash2_mask = SLOTS - 1;
	for (i = 0; i < SLOTS; i++)
		INIT_HLIST_NULLS_HEAD(tws_compat_listen_head(&ft->h, i),
				      i + LISTENING_NULLS_BASE);
	*map = kunit_kzalloc(test, sizeof(**map), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, *map);
	KUNIT_ASSERT_EQ(test, tws_portmap_init(*map, &range), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_map, *map), 0);
	return ft;
}

/* The latest is the first of its chain. */
static struct sock *add(struct kunit *test, struct tws_fake_table *ft, unsigned int slot,
			u16 port, int state)
{
	struct sock *sk = tws_fake_sock(test, ft, state);

	sk->sk_num = port;
	sk->sk_net_refcnt = 1;
	refcount_set(&sk->sk_refcnt, 1);
	hlist_nulls_add_head_rcu(&sk->sk_nulls_node, tws_compat_listen_head(&ft->h, slot));
	return sk;
}

static void add_foreign(struct kunit *test, struct tws_fake_table *ft, unsigned int slot,
			unsigned int nr)
{
	while (nr--)
		write_pnet(&add(test, ft, slot, 5999, TCP_LISTEN)->sk_net, ft->other);
}

/* These ports and no others are listened on. */
static void expect_ports(struct kunit *test, struct tws_fake_table *ft,
			 struct tws_portmap *map, const u16 *ports, unsigned int nr)
{
	const unsigned long *listened = tws_listened_ports(tws_portmap_vrf(map, 0));
	struct tws_breath breath = {};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, tws_listeners(&ft->h, ft->net, map, &breath, NULL), 0);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE_MSG(test, test_bit(ports[i], listened), "port %u",
				      ports[i]);
	KUNIT_EXPECT_EQ(test, bitmap_weight(listened, TWS_PORTS), nr);
}

static void each_chain(struct kunit *test)
{
	static const u16 ports[] = { 22, 80, 443, 65535 };
	struct tws_portmap *map;
	struct tws_fake_table *ft = table(test, &map);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		add(test, ft, i, ports[i], TCP_LISTEN);
		add_foreign(test, ft, i, 2);
	}
	expect_ports(test, ft, map, ports, ARRAY_SIZE(ports));
}

/* Behind, between and in front of as many others as three sections hold. */
static void long_chain_of_others(struct kunit *test)
{
	static const u16 ports[] = { 22, 80, 443, 8080 };
	struct tws_portmap *map;
	struct tws_fake_table *ft = table(test, &map);

	add(test, ft, 1, 22, TCP_LISTEN);
	add_foreign(test, ft, 1, SECTION + 1);
	add(test, ft, 1, 80, TCP_LISTEN);
	add_foreign(test, ft, 1, SECTION + 1);
	add(test, ft, 1, 443, TCP_LISTEN);
	add(test, ft, 2, 8080, TCP_LISTEN);
	expect_ports(test, ft, map, ports, ARRAY_SIZE(ports));
}

/* None of the others can be stayed at: then the section goes on to the end. */
static void nobody_to_stay_at(struct kunit *test)
{
	static const u16 ports[] = { 22 };
	struct tws_portmap *map;
	struct tws_fake_table *ft = table(test, &map);
	unsigned int i;
	struct sock *sk;

	add(test, ft, 0, 22, TCP_LISTEN)->sk_net_refcnt = 0;
	for (i = 0; i < SECTION + 10; i++) {
		sk = add(test, ft, 0, 5999, TCP_LISTEN);
		write_pnet(&sk->sk_net, ft->other);
		if (i % 2)
			sk->sk_net_refcnt = 0;
		else
			refcount_set(&sk->sk_refcnt, 0);
	}
	expect_ports(test, ft, map, ports, 1);
}

/* A chain that leads to another table: sockets of all kinds, and another end. */
static void led_away(struct kunit *test)
{
	static const u16 ports[] = { 22, 80 };
	struct tws_portmap *map;
	struct tws_fake_table *ft = table(test, &map);

	INIT_HLIST_NULLS_HEAD(tws_compat_listen_head(&ft->h, 1), 7);
	add(test, ft, 1, 40001, TCP_TIME_WAIT);
	add(test, ft, 1, 40002, TCP_NEW_SYN_RECV);
	add(test, ft, 1, 40003, TCP_CLOSE);
	add(test, ft, 1, 22, TCP_LISTEN);
	add(test, ft, 2, 80, TCP_LISTEN);
	expect_ports(test, ft, map, ports, ARRAY_SIZE(ports));
}

static struct kunit_case listeners_cases[] = {
	KUNIT_CASE(each_chain),
	KUNIT_CASE(long_chain_of_others),
	KUNIT_CASE(nobody_to_stay_at),
	KUNIT_CASE(led_away),
	{}
};

static struct kunit_suite listeners_suite = {
	.name = "tw_listeners",
	.test_cases = listeners_cases,
};

kunit_test_suite(listeners_suite);
