// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thresholds of a namespace: its defaults, and its rules. A reader takes a
 * view of both and then holds no lock: however slow it is, nobody waits for it.
 */
#include <linux/mm.h>

#include "thresholds.h"

static void tws_rules_put(struct tws_shared_rules *rules)
{
	if (rules && refcount_dec_and_test(&rules->refs))
		kvfree(rules);
}

void tws_net_thresholds_init(struct tws_net_thresholds *thresholds)
{
	mutex_init(&thresholds->write);
	spin_lock_init(&thresholds->lock);
	thresholds->th = (struct tws_thresholds)TWS_DEFAULT_THRESHOLDS;
	thresholds->hysteresis = TWS_DEFAULT_HYSTERESIS;
	thresholds->rules = NULL;
}

void tws_net_thresholds_free(struct tws_net_thresholds *thresholds)
{
	tws_rules_put(thresholds->rules);
	thresholds->rules = NULL;
}

/**
 * tws_net_thresholds_set() - change the threshold of warn or crit
 * @thresholds:	the thresholds
 * @setting:	&@thresholds->th.warn or &@thresholds->th.crit
 * @value:	per cent
 *
 * Return: 0, or -EINVAL: warn would be above crit.
 */
int tws_net_thresholds_set(struct tws_net_thresholds *thresholds, u32 *setting,
			   u32 value)
{
	struct tws_thresholds th;
	int err = 0;

	spin_lock(&thresholds->lock);
	th = thresholds->th;
	*(setting == &thresholds->th.warn ? &th.warn : &th.crit) = value;
	if (th.warn <= th.crit)
		thresholds->th = th;
	else
		err = -EINVAL;
	spin_unlock(&thresholds->lock);
	return err;
}

/**
 * tws_net_thresholds_replace() - set new rules
 * @thresholds:	the thresholds; the caller holds their mutex @write
 * @rules:	the rules, with a reference that becomes the namespace's; or NULL
 */
void tws_net_thresholds_replace(struct tws_net_thresholds *thresholds,
				struct tws_shared_rules *rules)
{
	lockdep_assert_held(&thresholds->write);
	spin_lock(&thresholds->lock);
	swap(rules, thresholds->rules);
	spin_unlock(&thresholds->lock);
	tws_rules_put(rules);
}

/**
 * tws_thresholds_view_get() - take a view
 * @view:	result, for tws_thresholds_view_put()
 * @thresholds:	the thresholds
 */
void tws_thresholds_view_get(struct tws_thresholds_view *view,
			     struct tws_net_thresholds *thresholds)
{
	spin_lock(&thresholds->lock);
	view->th = thresholds->th;
	view->rules = thresholds->rules;
	if (view->rules)
		refcount_inc(&view->rules->refs);
	spin_unlock(&thresholds->lock);
}

/**
 * tws_thresholds_view_put() - drop a view
 * @view:	the view
 *
 * Context: process context.
 */
void tws_thresholds_view_put(struct tws_thresholds_view *view)
{
	tws_rules_put(view->rules);
	view->rules = NULL;
}

/**
 * tws_thresholds_for() - find the thresholds of a destination
 * @view:	thresholds of its namespace
 * @addr:	remote address, IPv4 as IPv4-mapped
 * @port:	remote port
 *
 * Return: those of the most specific rule, or the namespace's defaults.
 */
const struct tws_thresholds *
tws_thresholds_for(const struct tws_thresholds_view *view,
		   const struct in6_addr *addr, u16 port)
{
	const struct tws_rule *rule = NULL;

	if (view->rules)
		rule = tws_rules_find(&view->rules->rules, addr, port);
	return rule ? &rule->th : &view->th;
}

/**
 * tws_thresholds_strictest() - the lowest thresholds of any destination
 * @view:	thresholds of a namespace
 */
struct tws_thresholds
tws_thresholds_strictest(const struct tws_thresholds_view *view)
{
	struct tws_thresholds th = view->th;
	unsigned int i;

	for (i = 0; view->rules && i < view->rules->rules.nr; i++) {
		const struct tws_rule *rule = &view->rules->rules.rule[i];

		th.warn = min(th.warn, rule->th.warn);
		th.crit = min(th.crit, rule->th.crit);
	}
	return th;
}
