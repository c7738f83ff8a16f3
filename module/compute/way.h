/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the chains of the established table may be read without their locks. */
#ifndef TWS_COMPUTE_WAY_H
#define TWS_COMPUTE_WAY_H

#include <linux/types.h>

#include "choice.h"

/**
 * enum tws_way - how chains are read
 * @TWS_WAY_UNLOCKED: without their locks, as chain.h argues
 * @TWS_WAY_ASKED: under their locks, because root wants it
 * @TWS_WAY_MEMORY: likewise, because stores need not become visible in their order
 * @TWS_WAY_ORDER: likewise, because the kernel changes chains in another order
 * @TWS_WAY_LISTS: likewise, because the kernel's lists are others
 * @TWS_WAY_NEWER: likewise, because the kernel is newer than those that are tested
 */
enum tws_way {
	TWS_WAY_UNLOCKED,
	TWS_WAY_ASKED,
	TWS_WAY_MEMORY,
	TWS_WAY_ORDER,
	TWS_WAY_LISTS,
	TWS_WAY_NEWER,
};

/**
 * struct tws_way_facts - what the argument of chain.h needs
 * @ordered:	stores become visible in their order
 * @handover:	the kernel changes chains in an order that it covers
 * @lists:	the functions that change chains do what it says
 * @newer:	the kernel is of a branch newer than the newest one that is tested
 */
struct tws_way_facts {
	bool ordered;
	bool handover;
	bool lists;
	bool newer;
};

/**
 * tws_way_of() - how to read chains
 * @facts:	what is so
 * @locked:	what root wants: without locks only where nothing is known against it
 */
static inline enum tws_way tws_way_of(const struct tws_way_facts *facts,
				      enum tws_choice locked)
{
	if (locked == TWS_CHOICE_YES)
		return TWS_WAY_ASKED;
	if (!facts->ordered)
		return TWS_WAY_MEMORY;
	if (!facts->handover)
		return TWS_WAY_ORDER;
	if (!facts->lists)
		return TWS_WAY_LISTS;
	if (facts->newer && locked != TWS_CHOICE_NO)
		return TWS_WAY_NEWER;
	return TWS_WAY_UNLOCKED;
}

#endif /* TWS_COMPUTE_WAY_H */
