// SPDX-License-Identifier: GPL-2.0-only
/* What the round has done so far, told only if it ends badly. */
#include <stdarg.h>
#include <stdio.h>

#include "predict.h"

static char text[16384];
static size_t used;

void story_begin(void)
{
	used = 0;
	text[0] = '\0';
}

void story(const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text + used, sizeof(text) - used, fmt, args);
	va_end(args);
	if (n > 0 && used + n < sizeof(text))
		used += n;
}

void story_print(void)
{
	fputs(text, stdout);
}
