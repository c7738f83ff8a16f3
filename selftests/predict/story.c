// SPDX-License-Identifier: GPL-2.0-only
/* What the round has done so far, told only if it ends badly. */
#include "predict.h"

static char text[16384];
static size_t used;

void story_begin(void)
{
	used = 0;
	text[0] = '\0';
}

char *story_end(void)
{
	return text + used;
}

size_t story_room(void)
{
	return sizeof(text) - used;
}

/* So much has been written at the end; what has no room is not told. */
void story_add(int n)
{
	if (n > 0 && used + n < sizeof(text))
		used += n;
}

void story_print(void)
{
	fputs(text, stdout);
}
