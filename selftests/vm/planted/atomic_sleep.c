// SPDX-License-Identifier: GPL-2.0-only
/*
 * Planted: an allocation that may sleep, under a spinlock. It hardly ever
 * does sleep, so only a checker can tell.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static int __init atomic_sleep_init(void)
{
	void *p;

	spin_lock_bh(&lock);
	p = kmalloc(100, GFP_KERNEL);
	spin_unlock_bh(&lock);
	kfree(p);
	return 0;
}
module_init(atomic_sleep_init);

static void __exit atomic_sleep_exit(void)
{
}
module_exit(atomic_sleep_exit);

MODULE_DESCRIPTION("Planted bug: sleep in atomic context");
MODULE_LICENSE("GPL");
