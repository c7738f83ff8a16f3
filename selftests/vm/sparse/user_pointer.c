// SPDX-License-Identifier: GPL-2.0-only
/* Reads through a user space pointer, which only sparse takes offence at. */
#include <linux/module.h>

static int __user *user_pointer;

static int __init user_pointer_init(void)
{
	return user_pointer ? *user_pointer : 0;
}
module_init(user_pointer_init);

MODULE_DESCRIPTION("what sparse must find");
MODULE_LICENSE("GPL");
