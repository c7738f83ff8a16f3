// SPDX-License-Identifier: GPL-2.0-only
/* The thresholds of a namespace: its defaults, and its rules. */
#include <linux/mm.h>

#include "thresholds.h"

/**
 * tws_limits_init() - the defaults
 * @limits:	the limits
 */
void tws_limits_init(struct tws_limits *limits)
{
	mutex_init(&limits->lock);
	limits->th = (struct tws_thresholds)TWS_DEFAULT_THRESHOLDS;
	limits->hysteresis = TWS_DEFAULT_HYSTERESIS;
	limits->rules = NULL;
}

/**
 * tws_limits_free() - free what they hold
 * @limits:	the limits
 */
void tws_limits_free(struct tws_limits *limits)
{
	kvfree(limits->rules);
}

/**
 * tws_limits_for() - the thresholds of a destination
 * @limits:	the limits, locked by the caller
 * @addr:	remote address, IPv4 as IPv4-mapped
 * @port:	remote port
 *
 * Return: those of the most specific rule, or the namespace's own.
 */
const struct tws_thresholds *
tws_limits_for(const struct tws_limits *limits, const struct in6_addr *addr,
	       u16 port)
{
	const struct tws_rule *rule = NULL;

	lockdep_assert_held(&limits->lock);
	if (limits->rules)
		rule = tws_rules_find(limits->rules, addr, port);
	return rule ? &rule->th : &limits->th;
}
