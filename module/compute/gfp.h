/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_GFP_H
#define TWS_GFP_H

#include <linux/gfp.h>

/*
 * How memory for a snapshot is asked for. It counts as the reader's. Nobody is to
 * be killed for statistics: where memory is short the snapshot fails, or says that it
 * is not complete. So what may become large is a list of small pieces: the fallback of
 * kvmalloc() kills before it fails (its page tables, up to 6.12, whatever the flags).
 */
#define TWS_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN)

/* For kvmalloc(): arrays that must be in one piece and stay small. */
#define TWS_GFP_ARRAY	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

#endif /* TWS_GFP_H */
