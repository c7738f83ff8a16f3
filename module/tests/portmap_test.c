// SPDX-License-Identifier: GPL-2.0-only
/* Which ports connect() may use, whatever the destination. */
#include <linux/bitops.h>

#include "compute/portmap.h"
#include "samples.h"

static void free_map(void *map)
{
	tws_portmap_free(map);
}

static struct tws_portmap *new_map(struct kunit *test, u16 low, u16 high)
{
	const struct tws_range range = { .low = low, .high = high };
	struct tws_portmap *map = kunit_kzalloc(test, sizeof(*map), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	KUNIT_ASSERT_EQ(test, tws_portmap_init(map, &range), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_map, map),
			0);
	return map;
}

static void reserve(struct tws_portmap *map, u16 low, u16 high)
{
	u32 port;

	for (port = low; port <= high; port++)
		__set_bit(port, map->reserved);
}

static void use_port(struct kunit *test, struct tws_portmap *map, u16 port,
		     int l3mdev, bool skipped)
{
	const struct tws_used_port bucket = {
		.l3mdev = l3mdev,
		.port = port,
		.skipped = skipped,
	};

	KUNIT_ASSERT_EQ(test, tws_portmap_add(map, &bucket), 0);
}

/*
 * The three counts, and usable against asking for each port: they have to
 * agree.
 */
static void expect_ports(struct kunit *test, const struct tws_portmap *map,
			 int l3mdev, u32 reserved, u32 bound, u32 usable)
{
	const struct tws_vrf_ports *vrf = tws_portmap_vrf(map, l3mdev);
	u32 port, one_by_one = 0;

	for (port = 0; port < TWS_PORTS; port++)
		one_by_one += tws_port_usable(map, vrf, port);
	KUNIT_EXPECT_EQ(test, map->nr_reserved, reserved);
	KUNIT_EXPECT_EQ(test, vrf ? vrf->nr_bound : 0, bound);
	KUNIT_EXPECT_EQ(test, tws_ports_usable(map, vrf), usable);
	KUNIT_EXPECT_EQ(test, one_by_one, usable);
}

/* Debian's range, nothing in use. */
static void whole_range(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 32768, 60999);

	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 0, 28232);
}

/* 40000-40009: 40000-40002 reserved, 40002-40005 bound: 40002 counts once. */
static void reserved_and_bound_overlap(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);
	const struct tws_vrf_ports *none;
	u16 port;

	reserve(map, 40000, 40002);
	for (port = 40002; port <= 40005; port++)
		use_port(test, map, port, 0, true);
	/* Bound twice is bound once: by address, or by IPv4 and IPv6. */
	use_port(test, map, 40005, 0, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 3, 3, 4);

	none = tws_portmap_vrf(map, 0);
	KUNIT_EXPECT_FALSE(test, tws_port_usable(map, none, 40002));
	KUNIT_EXPECT_FALSE(test, tws_port_usable(map, none, 40005));
	KUNIT_EXPECT_TRUE(test, tws_port_usable(map, none, 40006));
}

/* Ports that only connect() uses are held, and usable for others. */
static void held_is_not_skipped(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);
	const struct tws_vrf_ports *none;

	use_port(test, map, 40000, 0, false);
	use_port(test, map, 40001, 0, true);
	/* A bucket that is not skipped does not undo one that is. */
	use_port(test, map, 40001, 0, false);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 1, 9);

	none = tws_portmap_vrf(map, 0);
	KUNIT_EXPECT_TRUE(test, test_bit(40000, none->set[TWS_HELD]));
	KUNIT_EXPECT_TRUE(test, test_bit(40001, none->set[TWS_HELD]));
	KUNIT_EXPECT_FALSE(test, test_bit(40002, none->set[TWS_HELD]));
}

/* 40000-40004: five ports, connect() tries four, the lowest is left out. */
static void odd_range(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40004);
	const struct tws_vrf_ports *none;

	/* What is taken of a port that is not tried takes nothing. */
	reserve(map, 40000, 40000);
	use_port(test, map, 40000, 0, true);
	use_port(test, map, 40004, 0, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 1, 3);
	none = tws_portmap_vrf(map, 0);
	KUNIT_EXPECT_FALSE(test, tws_port_usable(map, none, 40000));
	KUNIT_EXPECT_TRUE(test, tws_port_usable(map, none, 40001));
}

/* One port: it is tried; taken in any way there is none. */
static void range_of_one_port(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40000);

	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 0, 1);
	use_port(test, map, 40000, 0, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 1, 0);
	reserve(map, 40000, 40000);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 1, 0, 0);
}

/* All of the range is reserved, and all of it is bound besides. */
static void wholly_reserved(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);
	u16 port;

	reserve(map, 30000, 50000);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 10, 0, 0);
	for (port = 40000; port <= 40009; port++)
		use_port(test, map, port, 0, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 10, 0, 0);
}

/* Two sets of as many ports are told apart; those that are not tried do not matter. */
static void reserved_ports_are_told_apart(struct kunit *test)
{
	struct tws_portmap *none = new_map(test, 40000, 40009);
	struct tws_portmap *first = new_map(test, 40000, 40009);
	struct tws_portmap *last = new_map(test, 40000, 40009);

	reserve(none, 50000, 50009);
	reserve(first, 40000, 40002);
	reserve(last, 40007, 40009);
	tws_portmap_finish(none);
	tws_portmap_finish(first);
	tws_portmap_finish(last);
	KUNIT_EXPECT_EQ(test, tws_ports_reserved(none), 0);
	KUNIT_EXPECT_NE(test, tws_ports_reserved(first), 0);
	KUNIT_EXPECT_NE(test, tws_ports_reserved(first), tws_ports_reserved(last));
}

/* Ports beyond the range, next to it too, take nothing from it. */
static void ports_outside_of_the_range(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);
	static const u16 ports[] = { 0, 1, 80, 39999, 40010, 65535 };
	int i;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		reserve(map, ports[i], ports[i]);
		use_port(test, map, ports[i], 0, true);
	}
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 0, 10);
}

/* The highest range that there is: the count of ports has to end. */
static void range_up_to_the_last_port(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 65534, 65535);

	use_port(test, map, 65535, 0, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 0, 1, 1);
}

/* Each VRF has its own bound ports; what is reserved is so for all. */
static void several_vrfs(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);

	reserve(map, 40009, 40009);
	use_port(test, map, 40000, 0, true);
	use_port(test, map, 40000, 7, true);
	use_port(test, map, 40001, 7, true);
	use_port(test, map, 40002, 7, false);
	use_port(test, map, 40009, 8, true);
	tws_portmap_finish(map);
	expect_ports(test, map, 0, 1, 1, 8);
	expect_ports(test, map, 7, 1, 2, 7);
	expect_ports(test, map, 8, 1, 0, 9);
	/* A VRF in which no port is in use has no entry. */
	KUNIT_EXPECT_NULL(test, tws_portmap_vrf(map, 9));
	expect_ports(test, map, 9, 1, 0, 9);
}

/* 100 VRFs with as many ports each as their number. */
static void many_vrfs(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40199);
	int vrf, i;

	for (vrf = 1; vrf <= 100; vrf++)
		for (i = 0; i < vrf; i++)
			use_port(test, map, 40000 + i, vrf, true);
	tws_portmap_finish(map);
	KUNIT_EXPECT_EQ(test, map->nr_vrfs, 101);
	for (vrf = 0; vrf <= 100; vrf += 10)
		expect_ports(test, map, vrf, 0, vrf, 200 - vrf);
}

/* Port 40002 is listened on in VRF 8, which has no port in use, and port 80 in none. */
static void listeners_of_a_vrf(struct kunit *test)
{
	struct tws_portmap *map = new_map(test, 40000, 40009);

	use_port(test, map, 40001, 7, true);
	tws_portmap_finish(map);
	KUNIT_EXPECT_TRUE(test, tws_portmap_listen(map, 0, 80));
	KUNIT_EXPECT_FALSE(test, tws_portmap_listen(map, 8, 40002));
	KUNIT_ASSERT_EQ(test, tws_portmap_add_vrf(map, 8), 0);
	KUNIT_EXPECT_TRUE(test, tws_portmap_listen(map, 8, 40002));

	KUNIT_EXPECT_NULL(test, tws_listened_ports(tws_portmap_vrf(map, 9)));
	KUNIT_EXPECT_TRUE(test, test_bit(80, tws_listened_ports(tws_portmap_vrf(map, 0))));
	KUNIT_EXPECT_FALSE(test, test_bit(80, tws_listened_ports(tws_portmap_vrf(map, 8))));
	KUNIT_EXPECT_TRUE(test, test_bit(40002, tws_listened_ports(tws_portmap_vrf(map, 8))));
	KUNIT_EXPECT_FALSE(test, test_bit(40002, tws_listened_ports(tws_portmap_vrf(map, 7))));
	expect_ports(test, map, 7, 0, 1, 9);
	expect_ports(test, map, 8, 0, 0, 10);
}

static struct kunit_case portmap_cases[] = {
	KUNIT_CASE(whole_range),
	KUNIT_CASE(reserved_and_bound_overlap),
	KUNIT_CASE(held_is_not_skipped),
	KUNIT_CASE(odd_range),
	KUNIT_CASE(range_of_one_port),
	KUNIT_CASE(wholly_reserved),
	KUNIT_CASE(reserved_ports_are_told_apart),
	KUNIT_CASE(ports_outside_of_the_range),
	KUNIT_CASE(range_up_to_the_last_port),
	KUNIT_CASE(several_vrfs),
	KUNIT_CASE(many_vrfs),
	KUNIT_CASE(listeners_of_a_vrf),
	{}
};

static struct kunit_suite portmap_suite = {
	.name = "tw_portmap",
	.test_cases = portmap_cases,
};

kunit_test_suite(portmap_suite);
