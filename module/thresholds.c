// SPDX-License-Identifier: GPL-2.0-only
/* The thresholds of a namespace: its defaults, and its rules. */
#include <linux/mm.h>

#include "thresholds.h"

/**
 * tws_net_thresholds_init() - set the defaults
 * @thresholds:	the thresholds
 */
void tws_net_thresholds_init(struct tws_net_thresholds *thresholds)
{
	mutex_init(&thresholds->lock);
	thresholds->th = (struct tws_thresholds)TWS_DEFAULT_THRESHOLDS;
	thresholds->hysteresis = TWS_DEFAULT_HYSTERESIS;
	thresholds->rules = NULL;
}

/**
 * tws_net_thresholds_free() - free the rules
 * @thresholds:	the thresholds
 */
void tws_net_thresholds_free(struct tws_net_thresholds *thresholds)
{
	kvfree(thresholds->rules);
}

/**
 * tws_net_thresholds_for() - find the thresholds of a destination
 * @thresholds:	the thresholds, locked by the caller
 * @addr:	remote address, IPv4 as IPv4-mapped
 * @port:	remote port
 *
 * Return: those of the most specific rule, or the namespace's defaults.
 */
const struct tws_thresholds *
tws_net_thresholds_for(const struct tws_net_thresholds *thresholds,
		       const struct in6_addr *addr, u16 port)
{
	const struct tws_rule *rule = NULL;

	lockdep_assert_held(&thresholds->lock);
	if (thresholds->rules)
		rule = tws_rules_find(thresholds->rules, addr, port);
	return rule ? &rule->th : &thresholds->th;
}
