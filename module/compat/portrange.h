/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_PORTRANGE_H
#define TWS_COMPAT_PORTRANGE_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/processor.h>
#include <linux/seqlock.h>
#include <linux/string.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

/* How often the range is read if it is written meanwhile. */
#define TWS_COMPAT_RANGE_TRIES	8

/*
 * net.ipv4.ip_local_port_range of this moment, also where nothing may sleep. Return false
 * if it is not known, because it is being written.
 *
 * Until 6.7 it is two numbers behind a seqlock (features.mk). On PREEMPT_RT a reader of a
 * seqlock waits for a writer that was preempted, by the writer's lock, which sleeps
 * (seqlock.h:__seqprop_spinlock_sequence()). So here only the counter is read, which knows
 * of no lock.
 */
#ifdef TWS_HAS_RANGE_PAIR
static inline bool tws_compat_range_now(const struct net *net, int *low, int *high)
{
	const struct local_ports *ports = &net->ipv4.ip_local_ports;
	const seqcount_t *changes = &ports->lock.seqcount.seqcount;
	unsigned int tries, before;

	for (tries = 0; tries < TWS_COMPAT_RANGE_TRIES; tries++) {
		before = raw_read_seqcount(changes);
		*low = READ_ONCE(ports->range[0]);
		*high = READ_ONCE(ports->range[1]);
		if (!(before & 1) && !read_seqcount_retry(changes, before))
			return true;
		cpu_relax();
	}
	return false;
}
#else
static inline bool tws_compat_range_now(const struct net *net, int *low, int *high)
{
	const u32 range = READ_ONCE(net->ipv4.ip_local_ports.range);

	*low = range & 0xffff;
	*high = range >> 16;
	return true;
}
#endif

/*
 * Whether a socket has a port range of its own (IP_LOCAL_PORT_RANGE, 6.3). At first it
 * was a structure of two numbers, later one number.
 */
static inline bool tws_compat_own_range(const struct sock *sk)
{
#ifdef TWS_HAS_SOCKET_RANGE
	u32 range;

	BUILD_BUG_ON(sizeof(inet_sk(sk)->local_port_range) != sizeof(range));
	memcpy(&range, &inet_sk(sk)->local_port_range, sizeof(range));
	return range;
#else
	return false;
#endif
}

#endif /* TWS_COMPAT_PORTRANGE_H */
