/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_LIST_SORT_H
#define TWS_COMPAT_LIST_SORT_H

#include <linux/list_sort.h>

/* 5.13, and the stable releases of older branches */
#ifdef TWS_HAS_CONST_LIST_CMP
#define tws_compat_list	const struct list_head
#else
#define tws_compat_list	struct list_head
#endif

#endif /* TWS_COMPAT_LIST_SORT_H */
