// SPDX-License-Identifier: GPL-2.0-only
/* tw_summary: which destinations are running out of local ports. */
#include <linux/module.h>

static int __init tw_init(void)
{
	return 0;
}

static void __exit tw_exit(void)
{
}

module_init(tw_init);
module_exit(tw_exit);

MODULE_DESCRIPTION("TIME_WAIT and free local ports per destination");
MODULE_LICENSE("GPL");
MODULE_VERSION(TW_VERSION);
