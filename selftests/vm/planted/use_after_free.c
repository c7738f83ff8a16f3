// SPDX-License-Identifier: GPL-2.0-only
/* Planted: reads an object after it was freed. */
#include <linux/module.h>
#include <linux/slab.h>

static int __init use_after_free_init(void)
{
	u8 *p = kmalloc(100, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	p[40] = 1;
	kfree(p);
	/* The compiler would see through it and refuse. */
	OPTIMIZER_HIDE_VAR(p);
	pr_info("a freed byte: %u\n", READ_ONCE(p[40]));
	return 0;
}
module_init(use_after_free_init);

static void __exit use_after_free_exit(void)
{
}
module_exit(use_after_free_exit);

MODULE_DESCRIPTION("Planted bug: use after free");
MODULE_LICENSE("GPL");
