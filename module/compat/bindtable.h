/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_BINDTABLE_H
#define TWS_COMPAT_BINDTABLE_H

#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/inet_hashtables.h>

/*
 * What keeps the bind buckets of a chain from being freed. Before 7.x a bucket is
 * freed without an RCU grace period, so it takes the lock of the chain.
 */
static inline void tws_compat_bind_chain_lock(struct inet_bind_hashbucket *head)
{
#ifdef TWS_HAS_BIND_RCU
	rcu_read_lock();
#else
	spin_lock_bh(&head->lock);
#endif
}

static inline void
tws_compat_bind_chain_unlock(struct inet_bind_hashbucket *head)
{
#ifdef TWS_HAS_BIND_RCU
	rcu_read_unlock();
#else
	spin_unlock_bh(&head->lock);
#endif
}

#endif /* TWS_COMPAT_BINDTABLE_H */
