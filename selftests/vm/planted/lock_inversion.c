// SPDX-License-Identifier: GPL-2.0-only
/*
 * Planted: takes two locks in both orders. One thread does both, so it never
 * hangs: only a lock checker can tell.
 */
#include <linux/module.h>
#include <linux/spinlock.h>

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);

static int __init lock_inversion_init(void)
{
	spin_lock_bh(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock_bh(&first);

	spin_lock_bh(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock_bh(&second);
	return 0;
}
module_init(lock_inversion_init);

static void __exit lock_inversion_exit(void)
{
}
module_exit(lock_inversion_exit);

MODULE_DESCRIPTION("Planted bug: lock inversion");
MODULE_LICENSE("GPL");
