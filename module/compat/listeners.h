/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_LISTENERS_H
#define TWS_COMPAT_LISTENERS_H

#include <net/inet_hashtables.h>

/*
 * Every listener is in one table: by port and address (lhash2), on older
 * kernels by port alone (features.mk). Both are shared by all namespaces.
 */
#ifndef TWS_HAS_LISTENING_HASH
static inline unsigned int
tws_compat_listen_slots(const struct inet_hashinfo *h)
{
	return h->lhash2_mask + 1;
}

static inline struct hlist_nulls_head *
tws_compat_listen_head(struct inet_hashinfo *h, unsigned int slot)
{
	return &h->lhash2[slot].nulls_head;
}
#else
static inline unsigned int
tws_compat_listen_slots(const struct inet_hashinfo *h)
{
	return INET_LHTABLE_SIZE;
}

static inline struct hlist_nulls_head *
tws_compat_listen_head(struct inet_hashinfo *h, unsigned int slot)
{
	return &h->listening_hash[slot].nulls_head;
}
#endif

#endif /* TWS_COMPAT_LISTENERS_H */
