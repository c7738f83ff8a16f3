/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading one chain of the established/timewait table without its lock.
 *
 * The sockets are copied under RCU, one step each, and the copies are used only if
 * all steps succeed. Between two steps the reader may do something else.
 *
 * Why copies of a chain that passed hold each connection exactly once:
 *
 * - Sockets are only added at the head of a chain or in place of another one
 *   (inet_hashtables.c:inet_ehash_insert, __inet_check_established;
 *   inet_timewait_sock.c:inet_twsk_hashdance), with the bucket lock held.
 *   A connection changes its object (socket to timewait socket, a timewait
 *   socket that connect() takes over) by an add and a delete in ONE critical
 *   section. A reader must not see one half of it without the other. The lock is
 *   free after the head was read and when the end is reached, and then the head
 *   is still the same: no add was half done, and none came later.
 * - The objects come from SLAB_TYPESAFE_BY_RCU caches: one that is freed while
 *   it is read may be used again at once, in another chain. Then the nulls value
 *   at the end is that of another slot, or the hash of the object has changed,
 *   or the object is in no chain. If the head left and came back as another
 *   connection, its hash has changed.
 *
 * Who sees a change made under the lock must also see that the lock is taken, until
 * it is free again. That is so where stores become visible in their order: on x86
 * and s390, but not on arm64, where a store of the critical section may become visible
 * before the lock's. There each chain is read under its lock (TWS_CHAIN_UNLOCKED).
 */
#ifndef TWS_CHAIN_H
#define TWS_CHAIN_H

#include <linux/rculist_nulls.h>
#include <linux/spinlock.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "compat/hashinfo.h"

/* Whether this machine's memory order allows it. */
#if defined(CONFIG_X86) || defined(CONFIG_UML_X86) || defined(CONFIG_S390)
#define TWS_CHAIN_UNLOCKED	true
#else
#define TWS_CHAIN_UNLOCKED	false
#endif

/**
 * struct tws_chain - a chain that is being read
 * @slot:	its slot of the table
 * @head:	its head
 * @lock:	guards its changes
 * @first:	its first socket when the reading began
 * @node:	the next socket to read, or the end
 * @use:	hash of @first, once the first step was taken
 * @seen:	sockets that were read
 */
struct tws_chain {
	unsigned int slot;
	struct hlist_nulls_head *head;
	spinlock_t *lock;	/* guards changes of the chain */
	struct hlist_nulls_node *first;
	struct hlist_nulls_node *node;
	u32 use;
	unsigned int seen;
};

static inline struct hlist_nulls_head *tws_chain_head(struct inet_hashinfo *h,
						      unsigned int slot)
{
	return &h->ehash[slot].chain;
}

static inline struct hlist_nulls_node *tws_chain_first(struct hlist_nulls_head *head)
{
	return rcu_dereference_raw(hlist_nulls_first_rcu(head));
}

/**
 * tws_chain_start() - start to read a chain
 * @chain:	result
 * @h:		the table
 * @slot:	its slot
 * @first:	its first socket, by tws_chain_first()
 *
 * Context: under RCU, as for all steps.
 */
static inline void tws_chain_start(struct tws_chain *chain, struct inet_hashinfo *h,
				   unsigned int slot, struct hlist_nulls_node *first)
{
	chain->slot = slot;
	chain->head = tws_chain_head(h, slot);
	chain->lock = inet_ehash_lockp(h, slot);
	chain->first = first;
	chain->node = first;
	chain->seen = 0;
}

/* The hash of the socket, which tells one use of an object from the next. */
static inline u32 tws_chain_hash(const struct hlist_nulls_node *node)
{
	return READ_ONCE(hlist_nulls_entry(node, struct sock,
					   sk_nulls_node)->sk_hash);
}

/**
 * tws_chain_stays_empty() - whether an empty chain has no connection
 * @h:		the table
 * @slot:	slot of the chain, whose head was read
 */
static inline bool tws_chain_stays_empty(struct inet_hashinfo *h,
					 unsigned int slot)
{
	if (!TWS_COMPAT_DELETES_FIRST)
		return true;
	smp_rmb();	/* the head before the lock that guards its changes */
	if (spin_is_locked(inet_ehash_lockp(h, slot)))
		return false;
	smp_rmb();	/* the lock before the head is checked again */
	return is_a_nulls(tws_chain_first(tws_chain_head(h, slot)));
}

/**
 * tws_chain_begin() - begin with the first socket
 * @chain:	the chain, none of whose sockets was read yet
 *
 * Return: false if the chain has changed.
 */
static inline bool tws_chain_begin(struct tws_chain *chain)
{
	smp_rmb();	/* the head before its hash */
	chain->use = tws_chain_hash(chain->first);
	smp_rmb();	/* its hash before the head is checked */
	if (tws_chain_first(chain->head) != chain->first)
		return false;
	smp_rmb();	/* the head before the lock that guards its changes */
	return !spin_is_locked(chain->lock);
}

/**
 * tws_chain_socket() - the next socket
 * @chain:	the chain, not at its end
 * @hash:	result, for tws_chain_next()
 */
static inline const struct sock *tws_chain_socket(struct tws_chain *chain, u32 *hash)
{
	const struct hlist_nulls_node *node = chain->node;

	chain->seen++;
	*hash = tws_chain_hash(node);
	smp_rmb();	/* its hash before its other fields */
	return hlist_nulls_entry(node, struct sock, sk_nulls_node);
}

/**
 * tws_chain_next() - go on from a socket whose fields were read
 * @chain:	the chain
 * @sk:		the socket
 * @hash:	its hash, read before its fields
 *
 * The fields and the next pointer belong together unless the object was freed and
 * used again meanwhile. The ends of the chain do not tell this: the object may be
 * back in the same chain, in the place of another one. But it is in no chain for a
 * while, and its new hash is written before it is added to one.
 *
 * Return: false if the chain has changed.
 */
static inline bool tws_chain_next(struct tws_chain *chain,
				  const struct sock *sk, u32 hash)
{
	struct hlist_nulls_node *next;
	bool hashed;

	next = rcu_dereference_raw(hlist_nulls_next_rcu(&sk->sk_nulls_node));
	smp_rmb();	/* the socket before the checks */
	hashed = READ_ONCE(sk->sk_nulls_node.pprev);
	smp_rmb();	/* if it is in a chain again, see its new hash */
	chain->node = next;
	return hashed && READ_ONCE(sk->sk_hash) == hash;
}

/**
 * tws_chain_at_end() - whether all sockets were read
 * @chain:	the chain
 */
static inline bool tws_chain_at_end(const struct tws_chain *chain)
{
	return is_a_nulls(chain->node);
}

/**
 * tws_chain_unchanged() - whether the copies hold each connection once
 * @chain:	the chain, at its end
 */
static inline bool tws_chain_unchanged(const struct tws_chain *chain)
{
	smp_rmb();	/* the chain before its lock is checked again */
	if (spin_is_locked(chain->lock))
		return false;
	smp_rmb();	/* the lock before the head is checked again */
	if (get_nulls_value(chain->node) != chain->slot ||
	    tws_chain_first(chain->head) != chain->first)
		return false;
	smp_rmb();	/* if it is at the head again, see its new hash */
	return tws_chain_hash(chain->first) == chain->use;
}

#endif /* TWS_CHAIN_H */
