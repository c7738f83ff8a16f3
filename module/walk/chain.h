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
 *   inet_timewait_sock.c:inet_twsk_hashdance), with the bucket lock held. So a chain
 *   is a row of places. Each place holds one connection, new places are in front, and
 *   their order never changes. (compat/handover.h: some kernels added at the tail. There
 *   chains are read under their locks.)
 * - The objects come from SLAB_TYPESAFE_BY_RCU caches: one that is freed may at once
 *   be another connection, anywhere in a table. Its hash and its ports tell one use from
 *   the next. They are written before the object is in a chain, and while it is in none,
 *   its next pointer is that of its last use.
 * - So a step counts only if the socket stood right behind the one of the step
 *   before, and that one was still in the same use. The first one stood at the head, and
 *   the last one is in a chain still when the end is reached: deletion clears pprev
 *   (rculist_nulls.h:hlist_nulls_del_init_rcu). Then a step leads from a place to the very
 *   next one, and the last one to the end: no place is passed over, none is read twice,
 *   and what was copied of a socket is of one use.
 * - A connection changes its place (a timewait socket that connect() takes over) by an
 *   add and a delete in ONE critical section, in either order. A reader must not see one
 *   half of it without the other. The lock is free after the head was read and when the
 *   end is reached, and then the head is still the same, in the same use: no add was half
 *   done, and no connection that is left was added later.
 *
 * An object that comes back as the same connection is taken for the same use. It has
 * that connection's place, or a new one, which is in front.
 *
 * Equal hashes: since 6.15 the hash is that of the addresses and the remote port plus the
 * local port (inet_hashtables.h:inet_ehashfn). So the connections of two destinations
 * whose sums are near each other have equal hashes in runs, thousands of them. But then
 * their local ports differ, unless the sums are equal in all 32 bits. So the use is both
 * numbers, which one load reads.
 *
 * Which stores of the kernel each smp_rmb() pairs with, and what orders them there:
 *
 * (A) use, then place. The object leaves its place, later it gets its next use:
 *     hlist_nulls_del_init_rcu() or hlist_nulls_replace_init_rcu(); spin_unlock() and
 *     refcount_dec_and_test() (inet_unhash(), inet_twsk_kill(), sock_put()).
 * (B) place, then the use of its neighbour. The neighbour got its use before it was linked:
 *     hlist_nulls_add_head_rcu() links it by rcu_assign_pointer(), and then it writes the
 *     pprev of the next one. Only the order of stores orders this one.
 * (C) place, then next and fields. They are written before the object is linked:
 *     rcu_assign_pointer() in hlist_nulls_add_head_rcu(), hlist_nulls_replace_rcu().
 * (D) fields and next, then the place of the next one, or their own. The same stores as (A):
 *     the object leaves its place before somebody else writes its fields.
 * (E) head, then lock. The lock is taken before the head is written: the order of stores.
 * (F) lock, then head. The head is written before the lock is free: spin_unlock().
 * (G) head, then the use of what is there. As (B): rcu_assign_pointer().
 *
 * (B) and (E) need a processor on which stores become visible in their order, as they do
 * on x86 and s390. On arm64 a store of the critical section may become visible before the
 * lock's. There each chain is read under its lock (TWS_CHAIN_ORDERED).
 * docs/litmus/ has these claims as litmus tests.
 *
 * spin_is_locked() is what (E) needs. On a kernel for one processor (!CONFIG_SMP) it is
 * always false (spinlock_up.h), and that is right: who holds the lock has preemption off
 * and is not interrupted by a reader, so no reader sees the middle of a critical section.
 * On PREEMPT_RT it asks whether the rtmutex has an owner (spinlock_rt.h,
 * rt_mutex_base_is_locked()), one processor or more: a holder can be preempted there and
 * is seen. The owner is stored before the critical section and is NULL, or only
 * RT_MUTEX_HAS_WAITERS, after it: the latter costs another try.
 */
#ifndef TWS_CHAIN_H
#define TWS_CHAIN_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/sock.h>

#include "compat/handover.h"

/* Whether stores become visible in their order. */
#if defined(CONFIG_X86) || defined(CONFIG_UML_X86) || defined(CONFIG_S390)
#define TWS_CHAIN_ORDERED	true
#else
#define TWS_CHAIN_ORDERED	false
#endif

/* What all kinds of socket begin with, and what is read of it as one number. */
static_assert(!offsetof(struct sock, __sk_common) &&
	      !offsetof(struct inet_timewait_sock, __tw_common) &&
	      !offsetof(struct request_sock, __req_common));
static_assert(!(offsetof(struct sock_common, skc_hash) % sizeof(u64)) &&
	      offsetof(struct sock_common, skc_portpair) ==
	      offsetof(struct sock_common, skc_hash) + sizeof(u32));

/**
 * struct tws_chain - a chain that is being read
 * @slot:	its slot of the table
 * @head:	its head
 * @lock:	guards its changes
 * @first:	its first socket when the reading began
 * @node:	the next socket to read, or the end
 * @before:	the socket that was read last
 * @first_use:	which use of the object @first is
 * @use:	which use of the object @before is
 * @seen:	sockets that were read
 */
struct tws_chain {
	unsigned int slot;
	struct hlist_nulls_head *head;
	spinlock_t *lock;	/* guards changes of the chain */
	struct hlist_nulls_node *first;
	struct hlist_nulls_node *node;
	struct hlist_nulls_node *before;
	u64 first_use;
	u64 use;
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
	chain->before = NULL;
	chain->first_use = 0;
	chain->use = 0;
	chain->seen = 0;
}

/**
 * tws_chain_move() - go on reading a chain somewhere else
 * @to:		result
 * @from:	the chain
 *
 * Field by field: what is not assigned as a whole need not be in memory. With that a read of
 * 14,000 TIME_WAITs takes some 17 instructions less for each.
 */
static inline void tws_chain_move(struct tws_chain *to, const struct tws_chain *from)
{
	to->slot = from->slot;
	to->head = from->head;
	to->lock = from->lock;
	to->first = from->first;
	to->node = from->node;
	to->before = from->before;
	to->first_use = from->first_use;
	to->use = from->use;
	to->seen = from->seen;
}

/* The hash and the ports of the socket, which tell one use of an object from the next. */
static inline u64 tws_chain_use(const struct hlist_nulls_node *node)
{
	const struct sock *sk = hlist_nulls_entry(node, struct sock, sk_nulls_node);

	return READ_ONCE(*(const u64 *)&sk->sk_hash);
}

/**
 * tws_chain_stays_empty() - whether an empty chain has no connection
 * @h:		the table
 * @slot:	slot of the chain, whose head was read
 */
static inline bool tws_chain_stays_empty(struct inet_hashinfo *h,
					 unsigned int slot)
{
	if (!TWS_COMPAT_EMPTY_FOR_A_MOMENT)
		return true;
	smp_rmb();	/* (E) the head before the lock that guards its changes */
	if (spin_is_locked(inet_ehash_lockp(h, slot)))
		return false;
	smp_rmb();	/* (F) the lock before the head is checked again */
	return is_a_nulls(tws_chain_first(tws_chain_head(h, slot)));
}

/**
 * tws_chain_four_empty() - whether four chains have no connection
 * @h:		the table
 * @slot:	the first one's slot
 *
 * An empty table of 524,288 slots is walked in 0.35 ms so, one after the other in 0.56 ms.
 *
 * Return: false also if it takes more to know.
 */
static inline bool tws_chain_four_empty(struct inet_hashinfo *h, unsigned int slot)
{
	const struct inet_ehash_bucket *bucket = &h->ehash[slot];
	unsigned long nulls;

	if (TWS_COMPAT_EMPTY_FOR_A_MOMENT)
		return false;
	nulls = (unsigned long)READ_ONCE(bucket[0].chain.first);
	nulls &= (unsigned long)READ_ONCE(bucket[1].chain.first);
	nulls &= (unsigned long)READ_ONCE(bucket[2].chain.first);
	nulls &= (unsigned long)READ_ONCE(bucket[3].chain.first);
	return is_a_nulls((struct hlist_nulls_node *)nulls);
}

/* Whether the first socket is at the head and no change is half done. */
static inline bool tws_chain_leads(const struct tws_chain *chain)
{
	if (tws_chain_first(chain->head) != chain->first)
		return false;
	smp_rmb();	/* (E) the head before the lock that guards its changes */
	return !spin_is_locked(chain->lock);
}

/* Whether the socket stands right behind the one before it, which is the same still. */
static inline bool tws_chain_follows(const struct tws_chain *chain)
{
	if (READ_ONCE(chain->node->pprev) != &chain->before->next)
		return false;
	smp_rmb();	/* (B) the place before the use of its neighbour */
	return tws_chain_use(chain->before) == chain->use;
}

/**
 * tws_chain_enter() - come to the next socket, whose fields are read then
 * @chain:	the chain, not at its end
 *
 * Return: false if the chain has changed.
 */
static inline bool tws_chain_enter(struct tws_chain *chain)
{
	const u64 use = tws_chain_use(chain->node);

	smp_rmb();	/* (A) which use it is before the place of that use */
	if (chain->seen++) {
		if (!tws_chain_follows(chain))
			return false;
	} else {
		if (!tws_chain_leads(chain))
			return false;
		chain->first_use = use;
	}
	chain->use = use;
	smp_rmb();	/* (C) the place before next, and the use before the fields */
	return true;
}

static inline const struct sock *tws_chain_socket(const struct tws_chain *chain)
{
	return hlist_nulls_entry(chain->node, struct sock, sk_nulls_node);
}

/**
 * tws_chain_leave() - go on from a socket whose fields were read
 * @chain:	the chain
 *
 * Whether the fields and the next pointer are those of one use is known at the next
 * socket or at the end.
 */
static inline void tws_chain_leave(struct tws_chain *chain)
{
	chain->before = chain->node;
	chain->node = rcu_dereference_raw(hlist_nulls_next_rcu(chain->before));
	smp_rmb();	/* (D) the socket before it is looked at again */
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
 *
 * No socket is behind the last one to show that it stands there: it must be in a chain
 * still. The first one is, if it is at the head.
 */
static inline bool tws_chain_unchanged(const struct tws_chain *chain)
{
	if (spin_is_locked(chain->lock))
		return false;
	smp_rmb();	/* (F) the lock before the head is checked again */
	if (get_nulls_value(chain->node) != chain->slot ||
	    tws_chain_first(chain->head) != chain->first)
		return false;
	if (chain->before != chain->first && !READ_ONCE(chain->before->pprev))
		return false;
	smp_rmb();	/* (G) if it is at the head again, see its new use; likewise (A) */
	return tws_chain_use(chain->before) == chain->use &&
	       (chain->before == chain->first ||
		tws_chain_use(chain->first) == chain->first_use);
}

#endif /* TWS_CHAIN_H */
