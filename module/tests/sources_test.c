// SPDX-License-Identifier: GPL-2.0-only
/* Which owner keeps its port from which bind() call, and counting by address. */
#include <kunit/test.h>
#include <linux/inet.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "compute/sources.h"

#define DEV	3
#define OTHER	4
#define VRF	8

static struct in6_addr address(const char *text)
{
	struct in6_addr addr = {};
	u8 v4[4];

	if (in4_pton(text, -1, v4, -1, NULL))
		ipv6_addr_set_v4mapped(*(__be32 *)v4, &addr);
	else
		in6_pton(text, -1, addr.s6_addr, -1, NULL);
	return addr;
}

static struct tws_owner owner(const char *text, int dev, u16 port)
{
	return (struct tws_owner){ .addr = address(text), .dev = dev, .port = port };
}

static struct tws_source source(const char *text, u8 kind, int dev)
{
	return (struct tws_source){ .addr = address(text), .kind = kind, .dev = dev };
}

/* An owner, a call, and whether bind() fails, as inet_rcv_saddr_equal() has it. */
static const struct {
	const char *owner;
	bool v6only;
	const char *source;
	u8 kind;
	bool conflict;
} pairs[] = {
	{ "10.0.0.1", false, "10.0.0.1", TWS_SOURCE_V4, true },
	{ "10.0.0.1", false, "10.0.0.2", TWS_SOURCE_V4, false },
	{ "10.0.0.1", false, "0.0.0.0", TWS_SOURCE_ANY4, true },
	{ "10.0.0.1", false, "::", TWS_SOURCE_ANY6, true },
	{ "10.0.0.1", false, "fd00::1", TWS_SOURCE_V6, false },
	{ "0.0.0.0", false, "10.0.0.1", TWS_SOURCE_V4, true },
	{ "0.0.0.0", false, "0.0.0.0", TWS_SOURCE_ANY4, true },
	{ "0.0.0.0", false, "::", TWS_SOURCE_ANY6, true },
	{ "0.0.0.0", false, "fd00::1", TWS_SOURCE_V6, false },
	{ "::", false, "10.0.0.1", TWS_SOURCE_V4, true },
	{ "::", false, "0.0.0.0", TWS_SOURCE_ANY4, true },
	{ "::", false, "fd00::1", TWS_SOURCE_V6, true },
	{ "::", true, "10.0.0.1", TWS_SOURCE_V4, false },
	{ "::", true, "0.0.0.0", TWS_SOURCE_ANY4, false },
	{ "::", true, "::", TWS_SOURCE_ANY6, true },
	{ "::", true, "fd00::1", TWS_SOURCE_V6, true },
	{ "fd00::1", false, "fd00::1", TWS_SOURCE_V6, true },
	{ "fd00::1", false, "fd00::2", TWS_SOURCE_V6, false },
	{ "fd00::1", false, "::", TWS_SOURCE_ANY6, true },
	{ "fd00::1", true, "::", TWS_SOURCE_ANY6, true },
	{ "fd00::1", false, "0.0.0.0", TWS_SOURCE_ANY4, true },
	{ "fd00::1", true, "0.0.0.0", TWS_SOURCE_ANY4, false },
	{ "fd00::1", false, "10.0.0.1", TWS_SOURCE_V4, false },
	{ "fd00::1", false, "127.0.0.6", TWS_SOURCE_V4, false },
	/* An address that nobody has, of either family. */
	{ "10.0.0.1", false, "0.0.0.0", TWS_SOURCE_V4, false },
	{ "0.0.0.0", false, "0.0.0.0", TWS_SOURCE_V4, true },
	{ "::", false, "0.0.0.0", TWS_SOURCE_V4, true },
	{ "::", true, "0.0.0.0", TWS_SOURCE_V4, false },
	{ "fd00::1", false, "0.0.0.0", TWS_SOURCE_V4, false },
	{ "fd00::1", false, "::", TWS_SOURCE_V6, false },
	{ "0.0.0.0", false, "::", TWS_SOURCE_V6, false },
	{ "::", true, "::", TWS_SOURCE_V6, true },
};

static void addresses(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		const struct tws_source s = source(pairs[i].source, pairs[i].kind, 0);
		struct tws_owner o = owner(pairs[i].owner, 0, 1);

		o.v6only = pairs[i].v6only;
		KUNIT_EXPECT_EQ_MSG(test, tws_source_conflicts(&s, &o),
				    pairs[i].conflict, "%s and %s, line %zu",
				    pairs[i].owner, pairs[i].source, i);
	}
}

/* Before bhash2 an IPv6 socket is known by 127.0.0.6 as well. */
static void by_an_alias(struct kunit *test)
{
	const struct tws_source s = source("127.0.0.6", TWS_SOURCE_V4, 0);
	const struct tws_source t = source("127.0.0.7", TWS_SOURCE_V4, 0);
	struct tws_owner o = owner("fd00::1", 0, 1);

	o.alias = htonl(0x7f000006);
	KUNIT_EXPECT_TRUE(test, tws_source_conflicts(&s, &o));
	KUNIT_EXPECT_FALSE(test, tws_source_conflicts(&t, &o));
	o.v6only = true;
	KUNIT_EXPECT_FALSE(test, tws_source_conflicts(&s, &o));
}

static void expect_devices(struct kunit *test, int source_dev, int owner_dev,
			   bool conflict)
{
	const struct tws_source s = source("10.0.0.1", TWS_SOURCE_V4, source_dev);
	const struct tws_owner o = owner("10.0.0.1", owner_dev, 1);

	KUNIT_EXPECT_EQ(test, tws_source_conflicts(&s, &o), conflict);
}

static void devices(struct kunit *test)
{
	expect_devices(test, 0, DEV, true);
	expect_devices(test, DEV, 0, true);
	expect_devices(test, DEV, DEV, true);
	expect_devices(test, DEV, OTHER, false);
}

/* A bucket of another VRF is another bucket. */
static void vrfs(struct kunit *test)
{
	struct tws_source s = source("10.0.0.1", TWS_SOURCE_V4, DEV);
	struct tws_owner o = owner("10.0.0.1", DEV, 1);

	o.l3mdev = VRF;
	KUNIT_EXPECT_FALSE(test, tws_source_conflicts(&s, &o));
	s.l3mdev = VRF;
	KUNIT_EXPECT_TRUE(test, tws_source_conflicts(&s, &o));
	o.l3mdev = 0;
	KUNIT_EXPECT_FALSE(test, tws_source_conflicts(&s, &o));
}

static struct tws_sources_table *new_table(struct kunit *test)
{
	struct tws_sources_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, tws_sources_init(table, 4711), 0);
	return table;
}

static void two_passes(struct tws_sources_table *table, const struct tws_owner *owners,
		       unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		tws_sources_see(table, &owners[i]);
	tws_sources_choose(table);
	for (i = 0; i < nr; i++)
		tws_sources_judge(table, &owners[i]);
}

static struct tws_source_row *row_at(struct tws_sources_table *table, unsigned int place)
{
	struct tws_source_row *row;

	list_for_each_entry(row, &table->rows, list)
		if (!place--)
			return row;
	return NULL;
}

static void expect_row(struct kunit *test, struct tws_sources_table *table,
		       unsigned int place, const char *text, int dev, u32 used, u32 tw,
		       u32 blocked)
{
	const struct tws_source_row *row = row_at(table, place);
	const struct in6_addr addr = address(text);

	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_TRUE_MSG(test, ipv6_addr_equal(&row->source.addr, &addr),
			      "place %u: %pI6c", place, &row->source.addr);
	KUNIT_EXPECT_EQ(test, row->source.dev, dev);
	KUNIT_EXPECT_EQ_MSG(test, row->used, used, "used at %u", place);
	KUNIT_EXPECT_EQ_MSG(test, row->tw, tw, "tw at %u", place);
	KUNIT_EXPECT_EQ_MSG(test, row->blocked, blocked, "blocked at %u", place);
}

/* Three addresses, and a listener of all of them. */
static void rows(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	struct tws_owner owners[] = {
		owner("10.0.0.2", 0, 100), owner("10.0.0.1", 0, 100),
		owner("10.0.0.1", 0, 101), owner("10.0.0.1", 0, 101),
		owner("0.0.0.0", 0, 102), owner("10.0.0.1", 0, 102),
		owner("fd00::1", 0, 103),
	};

	owners[0].timewait = true;
	owners[2].timewait = true;
	owners[5].timewait = true;
	owners[6].v6only = true;
	two_passes(table, owners, ARRAY_SIZE(owners));
	tws_sources_sort(table);
	KUNIT_EXPECT_EQ(test, table->nr, 3u);
	KUNIT_EXPECT_EQ(test, table->hidden, 0u);
	expect_row(test, table, 0, "10.0.0.1", 0, 3, 1, 3);
	expect_row(test, table, 1, "10.0.0.2", 0, 1, 1, 2);
	expect_row(test, table, 2, "fd00::1", 0, 1, 0, 1);
	expect_row(test, table, 3, "0.0.0.0", 0, 0, 0, 3);
	expect_row(test, table, 4, "::", 0, 0, 0, 4);
	expect_row(test, table, 5, "0.0.0.0", 0, 0, 0, 1);
	expect_row(test, table, 6, "::", 0, 0, 0, 0);
	KUNIT_EXPECT_NULL(test, row_at(table, 7));
	tws_sources_free(table);
}

/* The owner of a port may be read twice, and then it counts once. */
static void read_twice(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	struct tws_owner owners[] = {
		owner("10.0.0.1", 0, 100), owner("10.0.0.2", 0, 100),
		owner("10.0.0.1", 0, 100), owner("10.0.0.2", 0, 100),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(owners); i++)
		owners[i].timewait = true;
	two_passes(table, owners, ARRAY_SIZE(owners));
	tws_sources_sort(table);
	expect_row(test, table, 0, "10.0.0.1", 0, 1, 1, 1);
	expect_row(test, table, 1, "10.0.0.2", 0, 1, 1, 1);
	tws_sources_free(table);
}

/* A row with a device, one without, and a wildcard on a device. */
static void rows_with_devices(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	const struct tws_owner owners[] = {
		owner("10.0.0.1", DEV, 100), owner("10.0.0.1", 0, 101),
		owner("0.0.0.0", DEV, 102), owner("10.0.0.1", OTHER, 103),
		owner("10.0.0.2", 0, 104),
	};

	two_passes(table, owners, ARRAY_SIZE(owners));
	tws_sources_sort(table);
	expect_row(test, table, 0, "0.0.0.0", DEV, 1, 0, 4);
	expect_row(test, table, 1, "10.0.0.1", 0, 1, 0, 4);
	expect_row(test, table, 2, "10.0.0.1", DEV, 1, 0, 3);
	expect_row(test, table, 3, "10.0.0.1", OTHER, 1, 0, 2);
	expect_row(test, table, 4, "10.0.0.2", 0, 1, 0, 2);
	expect_row(test, table, 5, "0.0.0.0", 0, 0, 0, 5);
	tws_sources_free(table);
}

/* Addresses that hold most are shown, the others are counted. */
static void too_many(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	struct tws_owner o = owner("10.0.0.0", 0, 0);
	unsigned int i, ports;

	for (i = 1; i <= TWS_MAX_SOURCES + 44; i++) {
		o.addr.s6_addr32[3] = htonl(0x0a000000 + i);
		ports = i % 2 ? 1 : 2;
		for (o.port = 1; o.port <= ports; o.port++)
			tws_sources_see(table, &o);
	}
	tws_sources_choose(table);
	KUNIT_EXPECT_EQ(test, table->nr, TWS_MAX_SOURCES);
	KUNIT_EXPECT_EQ(test, table->hidden, 44u);
	KUNIT_EXPECT_FALSE(test, table->incomplete);
	/* The 150 even ones, then the first of the odd ones. */
	o = owner("10.0.0.2", 0, 0);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&row_at(table, 0)->source.addr, &o.addr));
	o = owner("10.0.0.1", 0, 0);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_equal(&row_at(table, 150)->source.addr, &o.addr));
	KUNIT_EXPECT_EQ(test, row_at(table, 0)->used, 0u);
	tws_sources_free(table);
}

static void more_than_are_seen(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	struct tws_owner o = owner("10.0.0.0", 0, 1);
	unsigned int i;

	for (i = 0; i <= TWS_SEEN_SOURCES; i++) {
		KUNIT_ASSERT_FALSE(test, table->incomplete);
		o.addr.s6_addr32[3] = htonl(0x0a000000 + i);
		tws_sources_see(table, &o);
	}
	KUNIT_EXPECT_TRUE(test, table->incomplete);
	KUNIT_EXPECT_EQ(test, table->nr, TWS_SEEN_SOURCES);
	tws_sources_choose(table);
	KUNIT_EXPECT_EQ(test, table->hidden, TWS_SEEN_SOURCES - TWS_MAX_SOURCES);
	tws_sources_free(table);
}

/* For whom is a port blocked of which not all owners were read? */
static void lost(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	const struct tws_owner owners[] = {
		owner("10.0.0.2", 0, 99), owner("10.0.0.1", 0, 100),
	};

	two_passes(table, owners, ARRAY_SIZE(owners));
	tws_sources_lost(table, 100);
	KUNIT_EXPECT_TRUE(test, table->incomplete);
	tws_sources_sort(table);
	/* It may have one port less than the other one. */
	expect_row(test, table, 0, "10.0.0.2", 0, 1, 0, 1);
	expect_row(test, table, 1, "10.0.0.1", 0, 1, 0, 1);
	KUNIT_EXPECT_EQ(test, row_at(table, 0)->unknown, 1u);
	KUNIT_EXPECT_EQ(test, row_at(table, 1)->unknown, 0u);
	KUNIT_EXPECT_EQ(test, table->fixed[TWS_FIXED_ANY4].unknown, 0u);
	KUNIT_EXPECT_EQ(test, table->fixed[TWS_FIXED_ANY6].unknown, 0u);
	KUNIT_EXPECT_EQ(test, table->fixed[TWS_FIXED_OTHER4].unknown, 1u);
	KUNIT_EXPECT_EQ(test, table->fixed[TWS_FIXED_OTHER6].unknown, 1u);
	tws_sources_free(table);
}

/* What was there in the first pass and is gone in the second. */
static void gone(struct kunit *test)
{
	struct tws_sources_table *table = new_table(test);
	const struct tws_owner o = owner("10.0.0.1", 0, 99);

	tws_sources_see(table, &o);
	tws_sources_choose(table);
	tws_sources_sort(table);
	expect_row(test, table, 0, "0.0.0.0", 0, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, table->nr, 0u);
	tws_sources_free(table);
}

static struct kunit_case sources_cases[] = {
	KUNIT_CASE(addresses),
	KUNIT_CASE(by_an_alias),
	KUNIT_CASE(devices),
	KUNIT_CASE(vrfs),
	KUNIT_CASE(rows),
	KUNIT_CASE(read_twice),
	KUNIT_CASE(rows_with_devices),
	KUNIT_CASE(too_many),
	KUNIT_CASE(more_than_are_seen),
	KUNIT_CASE(lost),
	KUNIT_CASE(gone),
	{}
};

static struct kunit_suite sources_suite = {
	.name = "tw_sources",
	.test_cases = sources_cases,
};

kunit_test_suite(sources_suite);
