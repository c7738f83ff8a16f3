// SPDX-License-Identifier: GPL-2.0-only
/*
 * Planted: objects that nothing points to any more.
 *
 * kmemleak looks for the addresses of objects in all of memory, stale words
 * on stacks included, so one lost object may long seem to be in use. Hence
 * many, and no list of them: what is found would lead to the others.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#define LOST	32

#define SIZE	1000

/* In a worker: its stack is soon written over by other work. */
static void lose(struct work_struct *work)
{
	void *p;
	int i;

	for (i = 0; i < LOST; i++) {
		p = kzalloc(SIZE, GFP_KERNEL);
		/* Or the compiler leaves the allocation out. */
		OPTIMIZER_HIDE_VAR(p);
	}
}

static DECLARE_WORK(lose_work, lose);

static int __init leak_init(void)
{
	schedule_work(&lose_work);
	flush_work(&lose_work);
	return 0;
}
module_init(leak_init);

static void __exit leak_exit(void)
{
}
module_exit(leak_exit);

MODULE_DESCRIPTION("Planted bug: leak");
MODULE_LICENSE("GPL");
