// SPDX-License-Identifier: GPL-2.0-only
/* Thresholds for some destinations: the most specific rule wins. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <net/ipv6.h>

#include "rules.h"

/* Rules with a port first, then by length of the prefix, then by address. */
static int tws_rule_cmp(const struct tws_rule *a, const struct tws_rule *b)
{
	if (!a->port != !b->port)
		return a->port ? -1 : 1;
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return memcmp(&a->addr, &b->addr, sizeof(a->addr)) ?:
	       (a->port < b->port ? -1 : a->port > b->port);
}

/* The index of the rule, or the one where it would be inserted. */
static unsigned int tws_rules_index(const struct tws_rules *rules,
				    const struct tws_rule *rule)
{
	unsigned int i;

	for (i = 0; i < rules->nr; i++)
		if (tws_rule_cmp(&rules->rule[i], rule) >= 0)
			break;
	return i;
}

static const char *tws_rules_set(struct tws_rules *rules,
				 const struct tws_rule *rule, unsigned int index)
{
	if (rules->nr == TWS_MAX_RULES)
		return "there are " __stringify(TWS_MAX_RULES) " rules already";
	memmove(&rules->rule[index + 1], &rules->rule[index],
		(rules->nr - index) * sizeof(*rule));
	rules->rule[index] = *rule;
	rules->nr++;
	return NULL;
}

static void tws_rules_del(struct tws_rules *rules, unsigned int index)
{
	rules->nr--;
	memmove(&rules->rule[index], &rules->rule[index + 1],
		(rules->nr - index) * sizeof(rules->rule[0]));
}

/**
 * tws_rules_apply() - apply a line to the rules
 * @rules:	the rules; unchanged on error
 * @line:	the line
 *
 * Return: NULL, or the reason why the line was refused.
 */
const char *tws_rules_apply(struct tws_rules *rules,
			    const struct tws_rule_line *line)
{
	const struct tws_rule *rule = &line->rule;
	const unsigned int index = tws_rules_index(rules, rule);
	const bool there = index < rules->nr &&
			   !tws_rule_cmp(&rules->rule[index], rule);

	switch (line->op) {
	case TWS_RULE_SET:
		if (!there)
			return tws_rules_set(rules, rule, index);
		rules->rule[index] = *rule;
		return NULL;
	case TWS_RULE_DEL:
		if (!there)
			return "there is no such rule";
		tws_rules_del(rules, index);
		return NULL;
	case TWS_RULE_FLUSH:
		rules->nr = 0;
		return NULL;
	case TWS_RULE_NOTHING:
		return NULL;
	}
	return NULL;
}

static bool tws_rule_is_v4(const struct tws_rule *rule)
{
	return rule->len >= 96 && ipv6_addr_v4mapped(&rule->addr);
}

/* "::/0" covers all of IPv6 and nothing of IPv4. */
static bool tws_rule_covers(const struct tws_rule *rule,
			    const struct in6_addr *addr, u16 port)
{
	return (!rule->port || rule->port == port) &&
	       tws_rule_is_v4(rule) == ipv6_addr_v4mapped(addr) &&
	       ipv6_prefix_equal(addr, &rule->addr, rule->len);
}

/**
 * tws_rules_find() - find the rule for a destination
 * @rules:	the rules
 * @addr:	remote address, IPv4 as IPv4-mapped
 * @port:	remote port
 *
 * Return: the most specific one, or NULL.
 */
const struct tws_rule *tws_rules_find(const struct tws_rules *rules,
				      const struct in6_addr *addr, u16 port)
{
	unsigned int i;

	for (i = 0; i < rules->nr; i++) {
		if (tws_rule_covers(&rules->rule[i], addr, port))
			return &rules->rule[i];
	}
	return NULL;
}

/**
 * tws_rule_write() - write a rule as a line that tws_rule_parse() reads
 * @buf:	at least TWS_RULE_LINE bytes
 * @size:	size of @buf
 * @rule:	the rule
 *
 * Return: length.
 */
int tws_rule_write(char *buf, size_t size, const struct tws_rule *rule)
{
	int len;

	if (tws_rule_is_v4(rule))
		len = scnprintf(buf, size, "%pI4/%u",
				&rule->addr.s6_addr32[3], rule->len - 96);
	else if (rule->port)
		len = scnprintf(buf, size, "[%pI6c/%u]", &rule->addr,
				rule->len);
	else
		len = scnprintf(buf, size, "%pI6c/%u", &rule->addr, rule->len);
	if (rule->port)
		len += scnprintf(buf + len, size - len, ":%u", rule->port);
	len += scnprintf(buf + len, size - len, " warn=%u crit=%u",
			 rule->th.warn, rule->th.crit);
	return len;
}
