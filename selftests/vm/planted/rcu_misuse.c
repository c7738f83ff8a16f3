// SPDX-License-Identifier: GPL-2.0-only
/* Planted: follows an RCU pointer outside of a read-side section. */
#include <linux/module.h>
#include <linux/rcupdate.h>

static int number = 1;
static int __rcu *shared = (int __rcu __force *)&number;

static int __init rcu_misuse_init(void)
{
	return *rcu_dereference(shared) != 1;
}
module_init(rcu_misuse_init);

static void __exit rcu_misuse_exit(void)
{
}
module_exit(rcu_misuse_exit);

MODULE_DESCRIPTION("Planted bug: RCU misuse");
MODULE_LICENSE("GPL");
