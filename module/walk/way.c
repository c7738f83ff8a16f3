// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether walks read the chains of the established table without their locks (chain.h), or
 * under them, as /proc/net/tcp does, which is slower. Has the module parameter
 * walk_locked, by which root chooses.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#include "chain.h"
#include "compat/handover.h"
#include "compat/kernel.h"
#include "compute/choice.h"
#include "compute/reuse.h"
#include "lists.h"
#include "walk.h"

static struct tws_way_facts tws_way_facts;
static enum tws_choice tws_way_locked;

module_param_cb(walk_locked, &tws_choice_param_ops, &tws_way_locked, 0644);
MODULE_PARM_DESC(walk_locked,
		 "read the kernel's table under its locks: Y always, N only where it must be so, empty also on kernels newer than those tested (default: empty)");

/**
 * tws_way() - how a walk that begins now reads chains
 */
enum tws_way tws_way(void)
{
	return tws_way_of(&tws_way_facts, READ_ONCE(tws_way_locked));
}

/**
 * tws_way_why() - a word for the reason
 * @way:	the way
 */
const char *tws_way_why(enum tws_way way)
{
	static const char *const words[] = {
		[TWS_WAY_UNLOCKED]	= "-",
		[TWS_WAY_ASKED]		= "walk_locked",
		[TWS_WAY_MEMORY]	= "memory-order",
		[TWS_WAY_ORDER]		= "insertion-order",
		[TWS_WAY_LISTS]		= "other-lists",
		[TWS_WAY_NEWER]		= "newer-kernel",
	};

	return words[way];
}

/**
 * tws_way_start() - find out what this kernel allows, and say so if chains are locked
 *
 * Before the first walk.
 */
void tws_way_start(void)
{
	enum tws_way way;

	tws_way_facts = (struct tws_way_facts){
		.ordered	= TWS_CHAIN_ORDERED,
		.handover	= TWS_COMPAT_HANDOVER != TWS_HANDOVER_UNKNOWN,
		.lists		= tws_lists_as_argued(),
		.newer		= tws_newer_than_tested(TWS_COMPAT_KERNEL),
	};
	way = tws_way();
	if (way != TWS_WAY_UNLOCKED)
		pr_info("the kernel's table is read under its locks (%s), which is slower\n",
			tws_way_why(way));
}
