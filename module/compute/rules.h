/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_RULES_H
#define TWS_RULES_H

#include <linux/in6.h>
#include <linux/types.h>

#include "level.h"

/* Rules of one namespace, at most. */
#define TWS_MAX_RULES	256
/* Longest line, and the buffer that a rule is written to. */
#define TWS_RULE_LINE	128

/**
 * struct tws_rule - thresholds for some destinations
 * @addr:	remote address, IPv4 as IPv4-mapped; bits beyond @len are 0
 * @len:	prefix length of @addr; for IPv4 96 more than is written
 * @port:	remote port, 0 for all
 * @th:		the thresholds
 */
struct tws_rule {
	struct in6_addr addr;
	u8 len;
	u16 port;
	struct tws_thresholds th;
};

/**
 * struct tws_rules - the rules of a namespace
 * @nr:		how many
 * @rule:	the rules, the most specific first
 */
struct tws_rules {
	unsigned int nr;
	struct tws_rule rule[TWS_MAX_RULES];
};

enum tws_rule_op {
	TWS_RULE_SET,
	TWS_RULE_DEL,
	TWS_RULE_FLUSH,
	TWS_RULE_NOTHING,	/* an empty line */
};

/**
 * struct tws_rule_line - a line of /proc/net/tw_thresholds, parsed
 * @op:		what to do
 * @rule:	the rule that it is about
 */
struct tws_rule_line {
	enum tws_rule_op op;
	struct tws_rule rule;
};

const char *tws_rule_parse(struct tws_rule_line *line, const char *text,
			   size_t len);
const char *tws_rules_apply(struct tws_rules *rules,
			    const struct tws_rule_line *line);
const struct tws_rule *tws_rules_find(const struct tws_rules *rules,
				      const struct in6_addr *addr, u16 port);
int tws_rule_write(char *buf, size_t size, const struct tws_rule *rule);

#endif /* TWS_RULES_H */
