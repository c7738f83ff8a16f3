// SPDX-License-Identifier: GPL-2.0-only
/* sort() for long arrays: it gives other tasks the processor. */
#include <linux/sort.h>

#include "sort.h"
#include "stride.h"

struct tws_sorting {
	int (*cmp)(const void *a, const void *b);
	unsigned int done;
};

static int tws_sort_cmp_r(const void *a, const void *b, const void *arg)
{
	struct tws_sorting *sorting = (struct tws_sorting *)arg;

	tws_rows_resched(sorting->done++);
	return sorting->cmp(a, b);
}

/**
 * tws_sort() - sort an array
 * @base:	the array
 * @nr:		number of its elements
 * @size:	size of an element
 * @cmp:	compares two elements
 *
 * Context: process context, may sleep.
 */
void tws_sort(void *base, size_t nr, size_t size,
	      int (*cmp)(const void *a, const void *b))
{
	struct tws_sorting sorting = { .cmp = cmp };

	sort_r(base, nr, size, tws_sort_cmp_r, NULL, &sorting);
}
