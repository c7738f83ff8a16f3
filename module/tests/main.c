// SPDX-License-Identifier: GPL-2.0-only
/* The module that holds the KUnit tests; each file has its own suite. */
#include <linux/module.h>

MODULE_DESCRIPTION("KUnit tests of tw_summary");
MODULE_LICENSE("GPL");
