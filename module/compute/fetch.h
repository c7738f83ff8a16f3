/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking for memory before it is needed. */
#ifndef TWS_FETCH_H
#define TWS_FETCH_H

/**
 * tws_fetch() - fetch a line from memory into the second cache
 * @p:	anywhere in it; need not be valid
 *
 * prefetcht1 on x86, where the kernel's prefetch() is prefetchnta: into the first cache, which
 * has few lines on their way at a time. On a Zen 4 the walk takes 57% of the time so, on an
 * Intel Xeon 85%.
 */
static inline void tws_fetch(const void *p)
{
	__builtin_prefetch(p, 0, 2);
}

#endif /* TWS_FETCH_H */
