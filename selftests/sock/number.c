// SPDX-License-Identifier: GPL-2.0-only
/* Numbers from text. */
#include <stdlib.h>

#include "sock.h"

unsigned int parse_number(const char *text)
{
	unsigned long n;
	char *end;

	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || n > 1000000000)
		die("not a number: %s", text);
	return n;
}
