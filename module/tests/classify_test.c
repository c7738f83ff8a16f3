// SPDX-License-Identifier: GPL-2.0-only
/* Which row a socket belongs to. */
#include <linux/bitops.h>
#include <linux/string.h>

#include "samples.h"

static const struct tws_range debian = { .low = 32768, .high = 60999 };
/* Nobody listens, and which ports connect() may use is not known. */
static const struct tws_port_sets none;

static enum tws_dir dir_of(struct kunit *test, u16 lport, u8 kind,
			   const struct tws_port_sets *sets)
{
	struct tws_tuple t = tws_test_tuple();
	struct tws_key key;

	t.lport = lport;
	t.kind = kind;
	tws_classify(&key, &t, &debian, sets);
	return key.dir;
}

/* Ports 32767 | 32768 ... 60999 | 61000, and the ends of all ports. */
static void edges_of_the_range(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dir_of(test, 32767, TWS_KIND_FULL, &none), TWS_BOUND);
	KUNIT_EXPECT_EQ(test, dir_of(test, 32768, TWS_KIND_FULL, &none), TWS_OUT);
	KUNIT_EXPECT_EQ(test, dir_of(test, 60999, TWS_KIND_FULL, &none), TWS_OUT);
	KUNIT_EXPECT_EQ(test, dir_of(test, 61000, TWS_KIND_FULL, &none), TWS_BOUND);
	KUNIT_EXPECT_EQ(test, dir_of(test, 1, TWS_KIND_FULL, &none), TWS_BOUND);
	KUNIT_EXPECT_EQ(test, dir_of(test, 65535, TWS_KIND_FULL, &none), TWS_BOUND);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40000, TWS_KIND_TIMEWAIT, &none), TWS_OUT);
}

/* Port 80, port 40000 inside the range and port 65535 are listened on. */
static void a_listener_wins(struct kunit *test)
{
	unsigned long *listening = tws_test_bitmap(test);
	const struct tws_port_sets sets = { .listening = listening };

	__set_bit(80, listening);
	__set_bit(40000, listening);
	__set_bit(65535, listening);
	KUNIT_EXPECT_EQ(test, dir_of(test, 80, TWS_KIND_FULL, &sets), TWS_IN);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40000, TWS_KIND_TIMEWAIT, &sets),
			TWS_IN);
	KUNIT_EXPECT_EQ(test, dir_of(test, 65535, TWS_KIND_FULL, &sets), TWS_IN);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40001, TWS_KIND_FULL, &sets),
			TWS_OUT);
	KUNIT_EXPECT_EQ(test, dir_of(test, 81, TWS_KIND_FULL, &sets), TWS_BOUND);
}

/*
 * Port 40000 is listened on, connect() may use 40001, and somebody says that both is so of
 * 40002: he has seen the listener later.
 */
static void a_port_that_connect_may_use(struct kunit *test)
{
	unsigned long *listening = tws_test_bitmap(test);
	unsigned long *usable = tws_test_bitmap(test);
	const struct tws_port_sets sets = { .listening = listening, .usable = usable };

	__set_bit(40000, listening);
	__set_bit(40001, usable);
	__set_bit(40002, listening);
	__set_bit(40002, usable);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40000, TWS_KIND_FULL, &sets), TWS_IN);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40001, TWS_KIND_FULL, &sets), TWS_OUT);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40002, TWS_KIND_FULL, &sets), TWS_OUT);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40002, TWS_KIND_REQUEST, &sets), TWS_IN);
}

/* A half-open connection to port 80 (or 40000) whose listener has closed. */
static void request_socket_without_a_listener(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dir_of(test, 80, TWS_KIND_REQUEST, &none), TWS_IN);
	KUNIT_EXPECT_EQ(test, dir_of(test, 40000, TWS_KIND_REQUEST, &none), TWS_IN);
}

/* 10.0.0.1:40000 on device 7 to 10.0.9.1:443: all but the local port counts. */
static void key_of_an_out_row(struct kunit *test)
{
	struct tws_tuple t = tws_test_tuple();
	struct tws_key want, key;

	t.dev = 7;
	memset(&want, 0, sizeof(want));
	want.local = tws_test_v4(TWS_CLIENT);
	want.remote = tws_test_v4(TWS_SERVER);
	want.rport = 443;
	want.dev = 7;
	want.dir = TWS_OUT;

	/* Keys are compared as memory: whatever was there has to go. */
	memset(&key, 0xa5, sizeof(key));
	tws_classify(&key, &t, &debian, &none);
	KUNIT_EXPECT_MEMEQ(test, &key, &want, sizeof(want));
}

/* [2001:db8::1]:80 seen by two clients: only the local end counts. */
static void key_of_an_in_and_a_bound_row(struct kunit *test)
{
	unsigned long *listening = tws_test_bitmap(test);
	const struct tws_port_sets sets = { .listening = listening };
	struct tws_tuple t = tws_test_tuple();
	struct tws_key want, key;

	tws_test_set_v6(&t, tws_test_v6(1), tws_test_v6(2));
	t.lport = 80;
	memset(&want, 0, sizeof(want));
	want.local = tws_test_v6(1);
	want.lport = 80;
	want.dir = TWS_BOUND;
	memset(&key, 0xa5, sizeof(key));
	tws_classify(&key, &t, &debian, &sets);
	KUNIT_EXPECT_MEMEQ(test, &key, &want, sizeof(want));

	__set_bit(80, listening);
	want.dir = TWS_IN;
	tws_test_set_v6(&t, tws_test_v6(1), tws_test_v6(3));
	t.dport = htons(50000);
	tws_classify(&key, &t, &debian, &sets);
	KUNIT_EXPECT_MEMEQ(test, &key, &want, sizeof(want));
}

/* ::ffff:10.0.9.1 is another destination than ::10.0.9.1. */
static void mapped_is_not_any_ipv6(struct kunit *test)
{
	struct in6_addr remote = tws_test_v4(TWS_SERVER);
	struct tws_tuple t = tws_test_tuple();
	struct tws_key mapped, other;

	tws_classify(&mapped, &t, &debian, &none);
	remote.s6_addr16[5] = 0;
	tws_test_set_v6(&t, tws_test_v4(TWS_CLIENT), remote);
	tws_classify(&other, &t, &debian, &none);
	KUNIT_EXPECT_MEMNEQ(test, &mapped, &other, sizeof(mapped));
}

/* 1, 2, 3, Debian's 28,232, all ports but 0, all ports. */
static void ports_that_are_tried(struct kunit *test)
{
	static const struct {
		struct tws_range range;
		u32 size, tried;
	} examples[] = {
		{ { 40000, 40000 }, 1, 1 },
		{ { 40000, 40001 }, 2, 2 },
		{ { 40000, 40002 }, 3, 2 },
		{ { 40001, 40003 }, 3, 2 },
		{ { 32768, 60999 }, 28232, 28232 },
		{ { 32768, 60998 }, 28231, 28230 },
		{ { 1, 65535 }, 65535, 65534 },
		{ { 0, 65535 }, 65536, 65536 },
		{ { 65535, 65535 }, 1, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(examples); i++) {
		const struct tws_range *range = &examples[i].range;

		KUNIT_EXPECT_EQ_MSG(test, tws_range_size(range),
				    examples[i].size, "example %d", i);
		KUNIT_EXPECT_EQ_MSG(test, tws_range_tried(range),
				    examples[i].tried, "example %d", i);
	}
}

/* A range of one port: its neighbours are outside of it. */
static void range_of_one_port(struct kunit *test)
{
	static const struct tws_range one = { .low = 40000, .high = 40000 };

	KUNIT_EXPECT_FALSE(test, tws_in_range(&one, 39999));
	KUNIT_EXPECT_TRUE(test, tws_in_range(&one, 40000));
	KUNIT_EXPECT_FALSE(test, tws_in_range(&one, 40001));
}

static struct kunit_case classify_cases[] = {
	KUNIT_CASE(edges_of_the_range),
	KUNIT_CASE(a_listener_wins),
	KUNIT_CASE(a_port_that_connect_may_use),
	KUNIT_CASE(request_socket_without_a_listener),
	KUNIT_CASE(key_of_an_out_row),
	KUNIT_CASE(key_of_an_in_and_a_bound_row),
	KUNIT_CASE(mapped_is_not_any_ipv6),
	KUNIT_CASE(ports_that_are_tried),
	KUNIT_CASE(range_of_one_port),
	{}
};

static struct kunit_suite classify_suite = {
	.name = "tw_classify",
	.test_cases = classify_cases,
};

kunit_test_suite(classify_suite);
