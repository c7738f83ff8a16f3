/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a connection changes its object in a chain of the established table (a request
 * socket becomes a full one, that one a timewait socket), under the lock of the chain.
 */
#ifndef TWS_COMPAT_HANDOVER_H
#define TWS_COMPAT_HANDOVER_H

#include <linux/types.h>
#include <linux/version.h>

/**
 * enum tws_handover - in which order the kernel changes the chain
 * @TWS_HANDOVER_GAPLESS: the new object replaces the old one, or is added at the head
 *		before the old one is deleted
 * @TWS_HANDOVER_DELETES: a request socket is deleted before its socket is added at the
 *		head; so for a moment a chain with one connection is empty
 * @TWS_HANDOVER_UNKNOWN: the new object may be added at the tail, or it is not known
 */
enum tws_handover {
	TWS_HANDOVER_GAPLESS,
	TWS_HANDOVER_DELETES,
	TWS_HANDOVER_UNKNOWN,
};

/*
 * Three changes made it what it is:
 *
 * - "tcp: avoid the lookup process failing to get sk in ehash table" adds at the tail:
 *   6.2, and the stable releases 5.10.166, 5.15.91 and 6.1.9;
 * - its revert: 6.5, and 5.10.188, 5.15.123, 6.1.42, 6.4.7;
 * - "inet: Avoid ehash lookup race in inet_ehash_insert()": 6.19, and 5.10.248, 6.1.160,
 *   6.12.63 and so on. It comes with hlist_nulls_replace_init_rcu(), so the headers tell.
 *
 * What distributions have taken over into other branches before 6.5 is not known.
 */
static inline enum tws_handover tws_compat_handover_of(u32 version, bool replaces)
{
	if (replaces)
		return TWS_HANDOVER_GAPLESS;
	switch (version >> 8) {
	case KERNEL_VERSION(5, 10, 0) >> 8:
		return version < KERNEL_VERSION(5, 10, 166) ||
		       version >= KERNEL_VERSION(5, 10, 188) ?
		       TWS_HANDOVER_DELETES : TWS_HANDOVER_UNKNOWN;
	case KERNEL_VERSION(5, 15, 0) >> 8:
		return version < KERNEL_VERSION(5, 15, 91) ||
		       version >= KERNEL_VERSION(5, 15, 123) ?
		       TWS_HANDOVER_DELETES : TWS_HANDOVER_UNKNOWN;
	case KERNEL_VERSION(6, 1, 0) >> 8:
		return version < KERNEL_VERSION(6, 1, 9) ||
		       version >= KERNEL_VERSION(6, 1, 42) ?
		       TWS_HANDOVER_DELETES : TWS_HANDOVER_UNKNOWN;
	}
	return version >= KERNEL_VERSION(6, 4, 7) && version < KERNEL_VERSION(6, 19, 0) ?
	       TWS_HANDOVER_DELETES : TWS_HANDOVER_UNKNOWN;
}

/* That of this kernel. */
#ifdef TWS_HAS_NULLS_REPLACE
#define TWS_COMPAT_HANDOVER	tws_compat_handover_of(LINUX_VERSION_CODE, true)
#else
#define TWS_COMPAT_HANDOVER	tws_compat_handover_of(LINUX_VERSION_CODE, false)
#endif

/* Whether an empty chain may have a connection. */
#define TWS_COMPAT_EMPTY_FOR_A_MOMENT	(TWS_COMPAT_HANDOVER != TWS_HANDOVER_GAPLESS)

#endif /* TWS_COMPAT_HANDOVER_H */
