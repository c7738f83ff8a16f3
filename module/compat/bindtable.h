/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_BINDTABLE_H
#define TWS_COMPAT_BINDTABLE_H

#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/inet_hashtables.h>

/*
 * What keeps the bind buckets of a chain from being freed, in a section that reads some
 * chains: RCU. Before 7.x a bucket is freed without a grace period, so that it takes the
 * lock of each chain.
 */
#ifdef TWS_HAS_BIND_RCU
static inline void tws_compat_bind_section_begin(void)
{
	rcu_read_lock();
}

static inline void tws_compat_bind_section_end(void)
{
	rcu_read_unlock();
}

static inline void tws_compat_bind_chain_lock(struct inet_bind_hashbucket *head)
{
}

static inline void tws_compat_bind_chain_unlock(struct inet_bind_hashbucket *head)
{
}
#else
static inline void tws_compat_bind_section_begin(void)
{
}

static inline void tws_compat_bind_section_end(void)
{
}

static inline void tws_compat_bind_chain_lock(struct inet_bind_hashbucket *head)
{
	spin_lock_bh(&head->lock);
}

static inline void tws_compat_bind_chain_unlock(struct inet_bind_hashbucket *head)
{
	spin_unlock_bh(&head->lock);
}
#endif

/* A list of owners of a bucket, not all of them; or NULL. With the lock of its chain. */
#ifdef TWS_HAS_BIND2_OWNERS
static inline struct hlist_head *tws_compat_bind_owners(struct inet_bind_bucket *tb)
{
	struct inet_bind2_bucket *tb2;

	tb2 = hlist_entry_safe(tb->bhash2.first, struct inet_bind2_bucket, bhash_node);
	return tb2 ? &tb2->owners : NULL;
}
#else
static inline struct hlist_head *tws_compat_bind_owners(struct inet_bind_bucket *tb)
{
	return &tb->owners;
}
#endif

#endif /* TWS_COMPAT_BINDTABLE_H */
