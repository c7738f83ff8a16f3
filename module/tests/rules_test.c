// SPDX-License-Identifier: GPL-2.0-only
/* The language of /proc/net/tw_thresholds, and which rule wins. */
#include <linux/string.h>

#include "compute/rules.h"
#include "samples.h"

static const char *parse(struct tws_rule_line *line, const char *text)
{
	return tws_rule_parse(line, text, strlen(text));
}

/* A good line says this; written again and read again it still does. */
static void expect_rule(struct kunit *test, const char *text,
			const char *written)
{
	struct tws_rule_line line, again;
	char buf[TWS_RULE_LINE];
	const char *why = parse(&line, text);
	int len;

	KUNIT_ASSERT_NULL_MSG(test, why, "%s: %s", text, why);
	KUNIT_EXPECT_EQ_MSG(test, line.op, TWS_RULE_SET, "%s", text);
	len = tws_rule_write(buf, sizeof(buf), &line.rule);
	KUNIT_EXPECT_STREQ_MSG(test, buf, written, "%s", text);
	KUNIT_EXPECT_EQ(test, len, (int)strlen(written));
	KUNIT_ASSERT_NULL(test, parse(&again, buf));
	KUNIT_EXPECT_MEMEQ(test, &again.rule.addr, &line.rule.addr,
			   sizeof(line.rule.addr));
	KUNIT_EXPECT_EQ(test, again.rule.len, line.rule.len);
	KUNIT_EXPECT_EQ(test, again.rule.port, line.rule.port);
	KUNIT_EXPECT_EQ(test, again.rule.th.warn, line.rule.th.warn);
	KUNIT_EXPECT_EQ(test, again.rule.th.crit, line.rule.th.crit);
}

/* Every form of a rule, blanks where they do no harm, both orders. */
static void good_lines(struct kunit *test)
{
	expect_rule(test, "10.0.9.1 warn=70 crit=90",
		    "10.0.9.1/32 warn=70 crit=90");
	expect_rule(test, "10.0.9.1:443 warn=70 crit=90",
		    "10.0.9.1/32:443 warn=70 crit=90");
	expect_rule(test, "10.0.9.1/24:443 warn=1 crit=100",
		    "10.0.9.0/24:443 warn=1 crit=100");
	expect_rule(test, "0.0.0.0/0 crit=50 warn=50",
		    "0.0.0.0/0 warn=50 crit=50");
	expect_rule(test, "2001:db8::1 warn=70 crit=90",
		    "2001:db8::1/128 warn=70 crit=90");
	expect_rule(test, "2001:db8::1/32 warn=70 crit=90",
		    "2001:db8::/32 warn=70 crit=90");
	expect_rule(test, "[2001:db8::1]:443 warn=70 crit=90",
		    "[2001:db8::1/128]:443 warn=70 crit=90");
	expect_rule(test, "[2001:db8::1/64]:65535 warn=70 crit=90",
		    "[2001:db8::/64]:65535 warn=70 crit=90");
	expect_rule(test, "::/0 warn=70 crit=90", "::/0 warn=70 crit=90");
	expect_rule(test, "  10.0.9.1\twarn=70   crit=90  ",
		    "10.0.9.1/32 warn=70 crit=90");
}

/* The other lines: del, flush, and one that says nothing. */
static void other_lines(struct kunit *test)
{
	struct tws_rule_line line;

	KUNIT_EXPECT_NULL(test, parse(&line, "flush"));
	KUNIT_EXPECT_EQ(test, line.op, TWS_RULE_FLUSH);
	KUNIT_EXPECT_NULL(test, parse(&line, "del 10.0.9.0/24:443"));
	KUNIT_EXPECT_EQ(test, line.op, TWS_RULE_DEL);
	KUNIT_EXPECT_EQ(test, line.rule.len, 96 + 24);
	KUNIT_EXPECT_EQ(test, line.rule.port, 443);
	KUNIT_EXPECT_NULL(test, parse(&line, ""));
	KUNIT_EXPECT_EQ(test, line.op, TWS_RULE_NOTHING);
	KUNIT_EXPECT_NULL(test, parse(&line, " \t"));
	KUNIT_EXPECT_EQ(test, line.op, TWS_RULE_NOTHING);
}

/* Each is wrong in one thing, and the parser says something about it. */
static void bad_lines(struct kunit *test)
{
	static const char * const lines[] = {
		"10.0.9.1",
		"10.0.9.1 warn=70",
		"10.0.9.1 crit=70",
		"10.0.9.1 warn=70 warn=80",
		"10.0.9.1 warn=70 crit=90 crit=91",
		"10.0.9.1 warn=70 crit=90 more",
		"10.0.9.1 warn=90 crit=70",
		"10.0.9.1 warn=0 crit=90",
		"10.0.9.1 warn=70 crit=101",
		"10.0.9.1 warn=70 crit=",
		"10.0.9.1 warn=-1 crit=90",
		"10.0.9.1 warn=7x crit=90",
		"10.0.9.1 warn=4294967366 crit=90",
		"10.0.9.1 warn 70 crit 90",
		"10.0.9.1 low=70 crit=90",
		"10.0.9 warn=70 crit=90",
		"10.0.9.256 warn=70 crit=90",
		"10.0.9.1.1 warn=70 crit=90",
		"10.0.9.1{ warn=70 crit=90",
		"10.0.9.1%eth0 warn=70 crit=90",
		"10.0.9.1,10.0.9.2 warn=70 crit=90",
		"10.0.9.1/ warn=70 crit=90",
		"10.0.9.1/33 warn=70 crit=90",
		"10.0.9.1/-1 warn=70 crit=90",
		"10.0.9.1/4294967296 warn=70 crit=90",
		"10.0.9.1: warn=70 crit=90",
		"10.0.9.1:0 warn=70 crit=90",
		"10.0.9.1:65536 warn=70 crit=90",
		"10.0.9.1:4294967739 warn=70 crit=90",
		"10.0.9.1:http warn=70 crit=90",
		"[10.0.9.1]:443 warn=70 crit=90",
		"2001:db8::1::2 warn=70 crit=90",
		"2001:db8::1%eth0 warn=70 crit=90",
		"[2001:db8::1%eth0]:443 warn=70 crit=90",
		"2001:db8::1g/64 warn=70 crit=90",
		"2001:db8::1/129 warn=70 crit=90",
		"[2001:db8::1 warn=70 crit=90",
		"[2001:db8::1]443 warn=70 crit=90",
		"[2001:db8::1]: warn=70 crit=90",
		"[]:443 warn=70 crit=90",
		"[ warn=70 crit=90",
		":443 warn=70 crit=90",
		"/24 warn=70 crit=90",
		"example.org warn=70 crit=90",
		"warn=70 crit=90",
		"del",
		"del 10.0.9.1 warn=70 crit=90",
		"del 10.0.9.1/99",
		"flush all",
		"FLUSH",
	};
	struct tws_rule_line line;
	int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, parse(&line, lines[i]),
					  "\"%s\" was taken", lines[i]);
}

/* A byte that is zero, and a line that is longer than any rule can be. */
static void bytes_that_are_no_text(struct kunit *test)
{
	static const char zero[] = "10.0.9.1 warn=70\0crit=90";
	char text[TWS_RULE_LINE + 1];
	struct tws_rule_line line;

	KUNIT_EXPECT_NOT_NULL(test, tws_rule_parse(&line, zero,
						   sizeof(zero) - 1));
	memset(text, ' ', sizeof(text));
	memcpy(text, "flush", 5);
	KUNIT_EXPECT_NULL(test, tws_rule_parse(&line, text, TWS_RULE_LINE));
	KUNIT_EXPECT_NOT_NULL(test, tws_rule_parse(&line, text,
						   TWS_RULE_LINE + 1));
}

/* A text without an end: the parser stays within its length. */
static void text_that_is_not_terminated(struct kunit *test)
{
	static const char good[] = "[2001:db8::1/64]:443 warn=70 crit=90";
	struct tws_rule_line line;
	size_t len;

	for (len = 0; len < sizeof(good); len++) {
		char *text = kmemdup(good, len ?: 1, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, text);
		/* KASAN sees every byte beyond. */
		tws_rule_parse(&line, text, len);
		kfree(text);
	}
}

static struct tws_rules *new_rules(struct kunit *test)
{
	struct tws_rules *rules = kunit_kzalloc(test, sizeof(*rules),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rules);
	return rules;
}

static const char *apply(struct kunit *test, struct tws_rules *rules,
			 const char *text)
{
	struct tws_rule_line line;

	KUNIT_ASSERT_NULL(test, parse(&line, text));
	return tws_rules_apply(rules, &line);
}

/* The threshold that a destination gets; 0 if no rule is for it. */
static u32 warn_of(const struct tws_rules *rules, struct in6_addr addr,
		   u16 port)
{
	const struct tws_rule *rule = tws_rules_find(rules, &addr, port);

	return rule ? rule->th.warn : 0;
}

/* Port before no port, then the longest prefix, whatever came first. */
static void most_specific_wins(struct kunit *test)
{
	const struct in6_addr server = tws_test_v4(TWS_SERVER);
	struct tws_rules *rules = new_rules(test);

	KUNIT_EXPECT_NULL(test, apply(test, rules, "0.0.0.0/0 warn=1 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.1 warn=4 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.0.0/8 warn=2 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules,
				      "0.0.0.0/0:443 warn=5 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.0/24 warn=3 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules,
				      "10.0.0.0/8:443 warn=6 crit=9"));

	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 443), 6);
	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 80), 4);
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v4(TWS_SERVER + 1), 80),
			3);
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v4(TWS_CLIENT), 80), 2);
	KUNIT_EXPECT_EQ(test,
			warn_of(rules, tws_test_v4(TWS_IP4(11, 0, 0, 1)), 80), 1);
	KUNIT_EXPECT_EQ(test,
			warn_of(rules, tws_test_v4(TWS_IP4(11, 0, 0, 1)), 443),
			5);
	/* All of IPv4 is nothing of IPv6. */
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v6(1), 80), 0);
}

/* All of IPv6 is nothing of IPv4, which is mapped into it. */
static void all_of_ipv6(struct kunit *test)
{
	struct tws_rules *rules = new_rules(test);

	KUNIT_EXPECT_NULL(test, apply(test, rules, "::/0 warn=1 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "2001:db8::/64 warn=2 crit=9"));
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v6(1), 80), 2);
	KUNIT_EXPECT_EQ(test, warn_of(rules, (struct in6_addr){}, 80), 1);
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v4(TWS_SERVER), 80), 0);
}

/* The same destination again is another threshold, not another rule. */
static void set_again_and_delete(struct kunit *test)
{
	const struct in6_addr server = tws_test_v4(TWS_SERVER);
	struct tws_rules *rules = new_rules(test);

	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.1 warn=1 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.1:80 warn=2 crit=9"));
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.1/32 warn=3 crit=9"));
	KUNIT_EXPECT_EQ(test, rules->nr, 2);
	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 443), 3);
	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 80), 2);

	KUNIT_EXPECT_NOT_NULL(test, apply(test, rules, "del 10.0.9.1:443"));
	KUNIT_EXPECT_NOT_NULL(test, apply(test, rules, "del 10.0.9.0/24"));
	KUNIT_EXPECT_EQ(test, rules->nr, 2);
	KUNIT_EXPECT_NULL(test, apply(test, rules, "del 10.0.9.1:80"));
	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 80), 3);
	KUNIT_EXPECT_NULL(test, apply(test, rules, "flush"));
	KUNIT_EXPECT_EQ(test, rules->nr, 0);
	KUNIT_EXPECT_EQ(test, warn_of(rules, server, 80), 0);
	KUNIT_EXPECT_NULL(test, apply(test, rules, "flush"));
}

/* 256 rules are all; the next is refused and changes nothing. */
static void no_more_than_256(struct kunit *test)
{
	struct tws_rules *rules = new_rules(test);
	char text[TWS_RULE_LINE];
	int i;

	for (i = 0; i < TWS_MAX_RULES; i++) {
		scnprintf(text, sizeof(text), "10.0.9.1:%d warn=1 crit=9",
			  i * 7 % TWS_MAX_RULES + 1);
		KUNIT_ASSERT_NULL(test, apply(test, rules, text));
	}
	KUNIT_EXPECT_EQ(test, rules->nr, TWS_MAX_RULES);
	KUNIT_EXPECT_NOT_NULL(test, apply(test, rules, "10.0.9.2 warn=1 crit=9"));
	KUNIT_EXPECT_EQ(test, rules->nr, TWS_MAX_RULES);
	/* One that is there may still be changed. */
	KUNIT_EXPECT_NULL(test, apply(test, rules, "10.0.9.1:5 warn=8 crit=9"));
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v4(TWS_SERVER), 5), 8);
	KUNIT_EXPECT_EQ(test, warn_of(rules, tws_test_v4(TWS_SERVER), 256), 1);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE(good_lines),
	KUNIT_CASE(other_lines),
	KUNIT_CASE(bad_lines),
	KUNIT_CASE(bytes_that_are_no_text),
	KUNIT_CASE(text_that_is_not_terminated),
	KUNIT_CASE(most_specific_wins),
	KUNIT_CASE(all_of_ipv6),
	KUNIT_CASE(set_again_and_delete),
	KUNIT_CASE(no_more_than_256),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "tw_rules",
	.test_cases = rules_cases,
};

kunit_test_suite(rules_suite);
