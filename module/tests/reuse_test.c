// SPDX-License-Identifier: GPL-2.0-only
/* When connect() may take over a timewait socket. */
#include <linux/version.h>

#include "compute/reuse.h"
#include "samples.h"

/* Kernels before 6.14: whole seconds since the last timestamp. */
static const struct tws_reuse_rule by_second = { .mode = TWS_REUSE_ON };
/* Those since: milliseconds since the entry, more than a second by default. */
static const struct tws_reuse_rule by_entry = {
	.mode = TWS_REUSE_ON,
	.by_entry = true,
	.delay_ms = 1000,
};

static const struct tws_clock now = { .seconds = 1000, .ms = 1000000 };

/* A TIME_WAIT of 10 s, with timestamps, between two machines. */
static struct tws_tuple old_timewait(void)
{
	struct tws_tuple t = tws_test_tuple();

	t.kind = TWS_KIND_TIMEWAIT;
	t.state = TWS_STATE_TIME_WAIT;
	t.ts_recent_stamp = now.seconds - 10;
	t.entry_stamp = now.ms - 10000;
	return t;
}

static bool may_reuse_in_mode(const struct tws_tuple *t, u8 mode)
{
	struct tws_reuse_rule old_rule = by_second, new_rule = by_entry;

	old_rule.mode = mode;
	new_rule.mode = mode;
	return tws_may_reuse(&old_rule, &now, t) &&
	       tws_may_reuse(&new_rule, &now, t);
}

static bool may_not_reuse_in_mode(const struct tws_tuple *t, u8 mode)
{
	struct tws_reuse_rule old_rule = by_second, new_rule = by_entry;

	old_rule.mode = mode;
	new_rule.mode = mode;
	return !tws_may_reuse(&old_rule, &now, t) &&
	       !tws_may_reuse(&new_rule, &now, t);
}

/* tcp_tw_reuse 0, 1, 2 between 10.0.0.1 and 10.0.9.1: only 1 allows it. */
static void modes_between_two_machines(struct kunit *test)
{
	const struct tws_tuple t = old_timewait();

	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_OFF));
	KUNIT_EXPECT_TRUE(test, may_reuse_in_mode(&t, TWS_REUSE_ON));
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_LOOPBACK));
}

static void expect_loopback(struct kunit *test, const struct tws_tuple *t,
			    const char *what)
{
	KUNIT_EXPECT_TRUE_MSG(test, may_not_reuse_in_mode(t, TWS_REUSE_OFF),
			      "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, may_reuse_in_mode(t, TWS_REUSE_ON),
			      "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, may_reuse_in_mode(t, TWS_REUSE_LOOPBACK),
			      "%s", what);
}

/* What tcp_tw_reuse=2 takes for loopback: either address, or device 1. */
static void loopback(struct kunit *test)
{
	struct in6_addr v6_loopback = {};
	struct tws_tuple t;

	v6_loopback.s6_addr[15] = 1;

	t = old_timewait();
	t.local4 = htonl(TWS_IP4(127, 0, 0, 1));
	expect_loopback(test, &t, "local 127.0.0.1");
	t = old_timewait();
	t.remote4 = htonl(TWS_IP4(127, 255, 255, 254));
	expect_loopback(test, &t, "remote 127.255.255.254");
	t = old_timewait();
	tws_test_set_v6(&t, tws_test_v6(1), v6_loopback);
	expect_loopback(test, &t, "remote ::1");
	t = old_timewait();
	tws_test_set_v6(&t, v6_loopback, v6_loopback);
	expect_loopback(test, &t, "both ::1");
	t = old_timewait();
	t.dev = 1;
	expect_loopback(test, &t, "device lo");
}

/* What it does not: neighbours of 127/8, another device, ::127.0.0.1. */
static void not_loopback(struct kunit *test)
{
	struct in6_addr remote = tws_test_v4(TWS_IP4(127, 0, 0, 1));
	struct tws_tuple t = old_timewait();

	t.local4 = htonl(TWS_IP4(126, 255, 255, 255));
	t.remote4 = htonl(TWS_IP4(128, 0, 0, 0));
	t.dev = 2;
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_LOOPBACK));

	tws_test_set_v6(&t, tws_test_v6(1), tws_test_v6(2));
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_LOOPBACK));

	remote.s6_addr16[5] = 0;
	tws_test_set_v6(&t, tws_test_v6(1), remote);
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_LOOPBACK));
}

/* No timestamps were seen: never. Full and request sockets: never. */
static void never(struct kunit *test)
{
	struct tws_tuple t = old_timewait();

	t.ts_recent_stamp = 0;
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_ON));

	t = old_timewait();
	t.kind = TWS_KIND_FULL;
	t.state = TWS_STATE_ESTABLISHED;
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_ON));
	t.kind = TWS_KIND_REQUEST;
	t.state = TWS_STATE_OTHER;
	KUNIT_EXPECT_TRUE(test, may_not_reuse_in_mode(&t, TWS_REUSE_ON));
}

/* Substate FIN_WAIT2: by the rule; a full socket in FIN_WAIT2 never. */
static void fin_wait2(struct kunit *test)
{
	struct tws_reuse_rule rule = by_second;
	struct tws_tuple t = old_timewait();

	t.state = TWS_STATE_FIN_WAIT2;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&rule, &now, &t));
	rule.fin_wait2 = true;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&rule, &now, &t));
	rule.mode = TWS_REUSE_OFF;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&rule, &now, &t));
	rule.mode = TWS_REUSE_ON;
	t.kind = TWS_KIND_FULL;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&rule, &now, &t));
}

/* By the second: the second of the last segment has to be over. */
static void age_by_the_second(struct kunit *test)
{
	struct tws_tuple t = old_timewait();

	/* What was long ago by the other clock does not matter. */
	t.entry_stamp = 1;
	t.ts_recent_stamp = now.seconds;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_second, &now, &t));
	t.ts_recent_stamp = now.seconds - 1;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&by_second, &now, &t));
	t.ts_recent_stamp = now.seconds + 1;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_second, &now, &t));
}

/* By the entry: 1,000 ms are too few, 1,001 will do. */
static void age_by_the_entry(struct kunit *test)
{
	struct tws_tuple t = old_timewait();

	t.ts_recent_stamp = 1;
	t.entry_stamp = now.ms - 1000;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_entry, &now, &t));
	t.entry_stamp = now.ms - 1001;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&by_entry, &now, &t));
	t.entry_stamp = now.ms + 1;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_entry, &now, &t));
	/* The other clock does not matter, as long as there was a timestamp. */
	t.ts_recent_stamp = now.seconds + 100;
	t.entry_stamp = now.ms - 1001;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&by_entry, &now, &t));
}

/* tcp_tw_reuse_delay=0: the next millisecond; =60000: all its life. */
static void delay_of_the_namespace(struct kunit *test)
{
	struct tws_reuse_rule rule = by_entry;
	struct tws_tuple t = old_timewait();

	rule.delay_ms = 0;
	t.entry_stamp = now.ms;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&rule, &now, &t));
	t.entry_stamp = now.ms - 1;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&rule, &now, &t));
	rule.delay_ms = 60000;
	t.entry_stamp = now.ms - 60000;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&rule, &now, &t));
	t.entry_stamp = now.ms - 60001;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&rule, &now, &t));
}

/* The clocks are 32 bits wide, and begin again: 5 is after 4,294,967,295. */
static void clocks_that_wrap_around(struct kunit *test)
{
	static const struct tws_clock wrapped = { .seconds = 5, .ms = 500 };
	static const struct tws_clock last = { .seconds = U32_MAX,
					       .ms = U32_MAX };
	struct tws_tuple t = old_timewait();

	t.ts_recent_stamp = U32_MAX;
	t.entry_stamp = (u32)-501;
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&by_second, &wrapped, &t));
	KUNIT_EXPECT_TRUE(test, tws_may_reuse(&by_entry, &wrapped, &t));
	t.entry_stamp = (u32)-500;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_entry, &wrapped, &t));
	/* Entry and delay are beyond the end, the time is not yet. */
	t.entry_stamp = U32_MAX - 999;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_entry, &last, &t));
	t.ts_recent_stamp = 5;
	KUNIT_EXPECT_FALSE(test, tws_may_reuse(&by_second, &last, &t));
}

/* The change came with 6.12 and was taken over into the branches of that time. */
static void fin_wait2_by_version(struct kunit *test)
{
	static const struct {
		u32 version;
		bool reused;
	} cases[] = {
		{ KERNEL_VERSION(5, 10, 226), true },
		{ KERNEL_VERSION(5, 10, 227), false },
		{ KERNEL_VERSION(5, 15, 167), true },
		{ KERNEL_VERSION(5, 15, 168), false },
		{ KERNEL_VERSION(6, 1, 112), true },
		{ KERNEL_VERSION(6, 1, 113), false },
		{ KERNEL_VERSION(6, 6, 54), true },
		{ KERNEL_VERSION(6, 6, 55), false },
		{ KERNEL_VERSION(6, 10, 13), true },
		{ KERNEL_VERSION(6, 10, 14), false },
		{ KERNEL_VERSION(6, 11, 2), true },
		{ KERNEL_VERSION(6, 11, 3), false },
		{ KERNEL_VERSION(6, 12, 0), false },
		{ KERNEL_VERSION(7, 3, 4), false },
		/* Who maintains these, and what they took over, is not known. */
		{ KERNEL_VERSION(5, 14, 0), false },
		{ KERNEL_VERSION(6, 4, 0), false },
		{ KERNEL_VERSION(6, 8, 12), false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    tws_fin_wait2_reused(cases[i].version),
				    cases[i].reused, "version %#x",
				    cases[i].version);
}

/* A branch is tested or not, whatever its stable release. */
static void tested_branches(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tws_rules_tested(KERNEL_VERSION(5, 10, 0)));
	KUNIT_EXPECT_TRUE(test, tws_rules_tested(KERNEL_VERSION(6, 1, 140)));
	KUNIT_EXPECT_TRUE(test, tws_rules_tested(KERNEL_VERSION(7, 3, 4)));
	KUNIT_EXPECT_FALSE(test, tws_rules_tested(KERNEL_VERSION(5, 9, 255)));
	KUNIT_EXPECT_FALSE(test, tws_rules_tested(KERNEL_VERSION(6, 11, 3)));
	KUNIT_EXPECT_FALSE(test, tws_rules_tested(KERNEL_VERSION(7, 4, 0)));
}

/* What was found on this very kernel counts more than that its branch is tested. */
static void found_on_this_kernel(struct kunit *test)
{
	static const struct {
		bool tested;
		enum tws_choice verified;
		const char *word;
	} cases[] = {
		{ false,	TWS_CHOICE_NONE,	"untested" },
		{ true,		TWS_CHOICE_NONE,	"tested" },
		{ false,	TWS_CHOICE_YES,		"verified" },
		{ true,		TWS_CHOICE_YES,		"verified" },
		{ false,	TWS_CHOICE_NO,		"wrong" },
		{ true,		TWS_CHOICE_NO,		"wrong" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_STREQ(test, cases[i].word,
				   tws_trust_word(tws_trust_of(cases[i].tested,
							       cases[i].verified)));
}

static void newer_than_the_newest(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, tws_newer_than_tested(KERNEL_VERSION(5, 4, 0)));
	KUNIT_EXPECT_FALSE(test, tws_newer_than_tested(KERNEL_VERSION(6, 18, 9)));
	KUNIT_EXPECT_FALSE(test, tws_newer_than_tested(KERNEL_VERSION(7, 3, 255)));
	KUNIT_EXPECT_TRUE(test, tws_newer_than_tested(KERNEL_VERSION(7, 4, 0)));
	KUNIT_EXPECT_TRUE(test, tws_newer_than_tested(KERNEL_VERSION(8, 0, 1)));
}

static struct kunit_case reuse_cases[] = {
	KUNIT_CASE(modes_between_two_machines),
	KUNIT_CASE(loopback),
	KUNIT_CASE(not_loopback),
	KUNIT_CASE(never),
	KUNIT_CASE(fin_wait2),
	KUNIT_CASE(age_by_the_second),
	KUNIT_CASE(age_by_the_entry),
	KUNIT_CASE(delay_of_the_namespace),
	KUNIT_CASE(clocks_that_wrap_around),
	KUNIT_CASE(fin_wait2_by_version),
	KUNIT_CASE(tested_branches),
	KUNIT_CASE(found_on_this_kernel),
	KUNIT_CASE(newer_than_the_newest),
	{}
};

static struct kunit_suite reuse_suite = {
	.name = "tw_reuse",
	.test_cases = reuse_cases,
};

kunit_test_suite(reuse_suite);
