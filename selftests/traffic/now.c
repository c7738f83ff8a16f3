// SPDX-License-Identifier: GPL-2.0-only
/*
 * now: the time, in milliseconds since boot. suspended: for how many of these the machine
 * has been suspended.
 */
#include <stdio.h>

#include "traffic.h"

int cmd_now(int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		die("now takes no arguments");
	printf("%llu\n", now_ms());
	return 0;
}

int cmd_suspended(int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		die("suspended takes no arguments");
	printf("%llu\n", suspended_ms());
	return 0;
}
