// SPDX-License-Identifier: GPL-2.0-only
/* now: the time, in milliseconds since boot. */
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
