// SPDX-License-Identifier: GPL-2.0-only
/* Planted: an index one past the end of an array, inside a larger object. */
#include <linux/module.h>

static struct {
	int counts[4];
	int others[4];
} tables = { .others = { 1 } };

/* A parameter, so that the compiler cannot know it. */
static int index = 4;
module_param(index, int, 0);

static int __init bounds_init(void)
{
	pr_info("one too far: %d\n", tables.counts[index]);
	return 0;
}
module_init(bounds_init);

static void __exit bounds_exit(void)
{
}
module_exit(bounds_exit);

MODULE_DESCRIPTION("Planted bug: index out of bounds");
MODULE_LICENSE("GPL");
