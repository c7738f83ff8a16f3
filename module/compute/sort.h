/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SORT_H
#define TWS_SORT_H

#include <linux/types.h>

void tws_sort(void *base, size_t nr, size_t size,
	      int (*cmp)(const void *a, const void *b));

#endif /* TWS_SORT_H */
