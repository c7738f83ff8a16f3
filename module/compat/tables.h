/* SPDX-License-Identifier: GPL-2.0-only */
/* The hash tables of sockets: of a namespace, of listeners, of who has a port. */
#ifndef TWS_COMPAT_TABLES_H
#define TWS_COMPAT_TABLES_H

#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

/* What a namespace knows of its timewait sockets; see features.mk. */
static inline const struct inet_timewait_death_row *
tws_compat_death_row(const struct net *net)
{
#ifdef TWS_DEATH_ROW_IS_POINTER
	return net->ipv4.tcp_death_row;
#else
	return &net->ipv4.tcp_death_row;
#endif
}

/* Its hash tables, its own or those that all share. */
static inline struct inet_hashinfo *tws_compat_hashinfo(const struct net *net)
{
	return tws_compat_death_row(net)->hashinfo;
}

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

/*
 * The owners of a bucket, one after the other, with the lock of its chain. Until 6.7 they
 * are on one list, timewait sockets among them. Since 6.8 the bucket has a list of those
 * buckets that have its port and one address, and the owners are on the lists of these.
 * tws_compat_bind_list() is the list that an owner is on.
 */
#ifdef TWS_HAS_BIND2_OWNERS
static inline struct inet_bind2_bucket *tws_compat_bind2_of(const struct sock *owner)
{
	return owner->sk_state == TCP_TIME_WAIT ? inet_twsk(owner)->tw_tb2 :
						  inet_csk(owner)->icsk_bind2_hash;
}

static inline const void *tws_compat_bind_list(const struct sock *owner)
{
	return tws_compat_bind2_of(owner);
}

/* The first owner of the first of these buckets that has one. */
static inline struct sock *tws_compat_bind2_first(struct hlist_node *node)
{
	struct inet_bind2_bucket *tb2;

	for (; node; node = node->next) {
		tb2 = hlist_entry(node, struct inet_bind2_bucket, bhash_node);
		if (!hlist_empty(&tb2->owners))
			return hlist_entry(tb2->owners.first, struct sock, sk_bind_node);
	}
	return NULL;
}

static inline struct sock *tws_compat_bind_first(struct inet_bind_bucket *tb)
{
	return tws_compat_bind2_first(tb->bhash2.first);
}

static inline struct sock *tws_compat_bind_next(struct sock *owner)
{
	struct hlist_node *next = owner->sk_bind_node.next;

	if (next)
		return hlist_entry(next, struct sock, sk_bind_node);
	return tws_compat_bind2_first(tws_compat_bind2_of(owner)->bhash_node.next);
}
#else
static inline const void *tws_compat_bind_list(const struct sock *owner)
{
	return NULL;
}

static inline struct sock *tws_compat_bind_first(struct inet_bind_bucket *tb)
{
	return hlist_entry_safe(tb->owners.first, struct sock, sk_bind_node);
}

static inline struct sock *tws_compat_bind_next(struct sock *owner)
{
	return hlist_entry_safe(owner->sk_bind_node.next, struct sock, sk_bind_node);
}
#endif

/*
 * Until 6.0 bind() to an IPv4 address compares it with the IPv4 address of every owner,
 * also of those that have an IPv6 one: there the kernel has put 127.0.0.6
 * (tcp_ipv6.c:tcp_v6_connect()).
 */
static inline __be32 tws_compat_bind_alias(const struct sock *owner)
{
#if IS_ENABLED(CONFIG_IPV6) && !defined(TWS_HAS_BIND2)
	if (owner->sk_family == AF_INET6 && !ipv6_addr_v4mapped(&owner->sk_v6_rcv_saddr))
		return owner->sk_rcv_saddr;
#endif
	return 0;
}

#endif /* TWS_COMPAT_TABLES_H */
