// SPDX-License-Identifier: GPL-2.0-only
/* How addresses are written. */
#include "compute/names.h"
#include "samples.h"

static void expect_local(struct kunit *test, const struct tws_key *key,
			 const char *dev_name, const char *want)
{
	char name[TWS_NAME_MAX];
	unsigned int len = tws_local_name(name, key, dev_name);

	KUNIT_EXPECT_STREQ(test, name, want);
	KUNIT_EXPECT_EQ(test, len, (unsigned int)strlen(want));
}

static void expect_remote(struct kunit *test, const struct tws_key *key,
			  const char *want)
{
	char name[TWS_NAME_MAX];
	unsigned int len = tws_remote_name(name, key);

	KUNIT_EXPECT_STREQ(test, name, want);
	KUNIT_EXPECT_EQ(test, len, (unsigned int)strlen(want));
}

/* 10.0.0.1 to 10.0.9.1:443, without and with a device. */
static void ipv4_out(struct kunit *test)
{
	struct tws_key key = tws_test_key(0);

	key.remote = tws_test_v4(TWS_SERVER);
	expect_local(test, &key, "", "10.0.0.1");
	expect_local(test, &key, NULL, "10.0.0.1");
	expect_local(test, &key, "eth0", "10.0.0.1%eth0");
	expect_remote(test, &key, "10.0.9.1:443");
}

/* A destination that nobody has used yet */
static void any_destination(struct kunit *test)
{
	expect_local(test, NULL, "", "*");
	expect_remote(test, NULL, "*");
}

/* 2001:db8::1 to [2001:db8::2]:443, without and with a device. */
static void ipv6_out(struct kunit *test)
{
	struct tws_key key = tws_test_key(0);

	key.local = tws_test_v6(1);
	key.remote = tws_test_v6(2);
	expect_local(test, &key, "", "2001:db8::1");
	expect_local(test, &key, "eth0", "2001:db8::1%eth0");
	expect_remote(test, &key, "[2001:db8::2]:443");
}

/* The longest of all: ISATAP (RFC 5214) ends with an IPv4 address. */
static void isatap_with_a_long_device(struct kunit *test)
{
	struct tws_key key = tws_test_key(0);

	key.dir = TWS_IN;
	key.lport = 65535;
	key.local = (struct in6_addr){ { {
		0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44,
		0x02, 0x00, 0x5e, 0xfe, 0xff, 0xff, 0xff, 0xff } } };
	expect_local(test, &key, "device_of_15_ch",
		     "[1111:2222:3333:4444:200:5efe:255.255.255.255%device_of_15_ch]:65535");
}

/* A served port and a leftover one: the port is with the local address. */
static void in_and_bound(struct kunit *test)
{
	struct tws_key key = tws_test_port_key(TWS_IN, TWS_CLIENT, 80);

	expect_local(test, &key, "", "10.0.0.1:80");
	expect_local(test, &key, "red", "10.0.0.1%red:80");
	expect_remote(test, &key, "*");

	key.dir = TWS_BOUND;
	key.local = tws_test_v6(1);
	expect_local(test, &key, "", "[2001:db8::1]:80");
	expect_local(test, &key, "red", "[2001:db8::1%red]:80");
	expect_remote(test, &key, "*");
}

/* ::, ::1, 0.0.0.0 and port 0, which no program uses and names must stand. */
static void least_names(struct kunit *test)
{
	struct tws_key key = tws_test_port_key(TWS_IN, 0, 0);

	expect_local(test, &key, "", "0.0.0.0:0");
	memset(&key.local, 0, sizeof(key.local));
	expect_local(test, &key, "", "[::]:0");
	key.local.s6_addr[15] = 1;
	expect_local(test, &key, "", "[::1]:0");
}

/* The longest address, device and port fit to the last character. */
static void longest_name(struct kunit *test)
{
	struct tws_key key = tws_test_port_key(TWS_BOUND, 0, 65535);
	int i;

	for (i = 0; i < 8; i++)
		key.local.s6_addr16[i] = htons(0xabcd);
	expect_local(test, &key, "fifteen-letters",
		     "[abcd:abcd:abcd:abcd:abcd:abcd:abcd:abcd%fifteen-letters]:65535");
}

static void expect_comm(struct kunit *test, const char *comm, const char *want)
{
	char padded[TASK_COMM_LEN] = "", name[TWS_COMM_NAME_MAX];

	strscpy(padded, comm, sizeof(padded));
	tws_comm_name(name, padded);
	KUNIT_EXPECT_STREQ(test, name, want);
}

/* One field each, and no two alike. */
static void programs(struct kunit *test)
{
	expect_comm(test, "nginx", "nginx");
	expect_comm(test, "my prog", "my\\040prog");
	expect_comm(test, "a\\b\n", "a\\134b\\012");
	expect_comm(test, "\xc3\xa9", "\\303\\251");
	expect_comm(test, "", "-");
	expect_comm(test, "-", "\\055");
	expect_comm(test, "-c", "-c");
	expect_comm(test, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f",
		    "\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177\\177");
}

static struct kunit_case names_cases[] = {
	KUNIT_CASE(ipv4_out),
	KUNIT_CASE(any_destination),
	KUNIT_CASE(ipv6_out),
	KUNIT_CASE(isatap_with_a_long_device),
	KUNIT_CASE(in_and_bound),
	KUNIT_CASE(least_names),
	KUNIT_CASE(longest_name),
	KUNIT_CASE(programs),
	{}
};

static struct kunit_suite names_suite = {
	.name = "tw_names",
	.test_cases = names_cases,
};

kunit_test_suite(names_suite);
