/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LISTS_H
#define TWS_LISTS_H

#include <linux/compiler.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>

/**
 * tws_lists_as_argued() - whether the functions that change chains do what chain.h says
 *
 * They are inline (rculist_nulls.h). So what this kernel's headers make of them is tried
 * on a chain of its own: an object that is added gets to the head, one that replaces
 * another has its place, and one that leaves has no pprev and keeps its next.
 */
static inline bool tws_lists_as_argued(void)
{
	struct hlist_nulls_node one = {}, two = {};
	struct hlist_nulls_head head;
	bool good;

	INIT_HLIST_NULLS_HEAD(&head, 5);
	hlist_nulls_add_head_rcu(&one, &head);
	hlist_nulls_add_head_rcu(&two, &head);
	good = head.first == &two && two.pprev == &head.first &&
	       two.next == &one && one.pprev == &two.next &&
	       is_a_nulls(one.next) && get_nulls_value(one.next) == 5;
	hlist_nulls_del_init_rcu(&two);
	good = good && !two.pprev && two.next == &one &&
	       head.first == &one && one.pprev == &head.first;
#ifdef TWS_HAS_NULLS_REPLACE
	hlist_nulls_replace_init_rcu(&one, &two);
	good = good && !one.pprev && is_a_nulls(one.next) &&
	       head.first == &two && two.pprev == &head.first &&
	       two.next == one.next;
#endif
	return good;
}

#endif /* TWS_LISTS_H */
