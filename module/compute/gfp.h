/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_GFP_H
#define TWS_GFP_H

#include <linux/gfp.h>

/*
 * How memory for a snapshot is asked for. It counts as the reader's. Nobody is to
 * be killed for statistics: where memory is short the snapshot fails, or says that it
 * is not complete. So what may become large is made of small pieces, and never comes
 * from kvmalloc(): its fallback kills before it fails (up to 6.12 it asks for page tables
 * whatever the flags, vmalloc.c:__vmalloc_area_node()).
 */
#define TWS_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN)

#endif /* TWS_GFP_H */
