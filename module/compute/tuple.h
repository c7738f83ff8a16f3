/* SPDX-License-Identifier: GPL-2.0-only */
/* What a walk copies of each socket: values, no pointers into the kernel. */
#ifndef TWS_TUPLE_H
#define TWS_TUPLE_H

#include <linux/in6.h>
#include <linux/types.h>
#include <net/ipv6.h>

/* The states that tw_summary tells apart. */
enum tws_state {
	TWS_STATE_TIME_WAIT,		/* timewait socket, substate TIME_WAIT */
	TWS_STATE_FIN_WAIT2,		/* full socket, or timewait substate */
	TWS_STATE_ESTABLISHED,
	TWS_STATE_SYN_SENT,
	TWS_STATE_CLOSE_WAIT,
	TWS_STATE_OTHER,
	TWS_NR_STATES,
};

/* The three kinds of object that share the established table. */
enum tws_kind {
	TWS_KIND_FULL,
	TWS_KIND_TIMEWAIT,
	TWS_KIND_REQUEST,
};

/**
 * struct tws_tuple - one socket of the established/timewait table
 * @pair:	IPv4 and IPv4-mapped: both addresses, as in struct sock_common.skc_addrpair
 * @remote4:	part of @pair
 * @local4:	part of @pair
 * @local6:	IPv6: local address
 * @remote6:	IPv6: remote address
 * @dev:	ifindex that the socket is bound to, 0 for none
 * @left_ms:	timewait sockets: time until the timer is due, at most 60,000; else 0
 * @ts_recent_stamp: timewait sockets: second of the last segment with a
 *		timestamp (ktime_get_seconds()), 0 if there was none
 * @entry_stamp: timewait sockets, kernels that keep it: millisecond clock
 *		(tcp_clock_ms()) at entry, else 0
 * @ports:	both ports, as in struct sock_common.skc_portpair
 * @dport:	part of @ports: remote port, network order
 * @lport:	part of @ports: local port, host order
 * @state:	enum tws_state
 * @kind:	enum tws_kind
 * @v4:		@pair has the addresses
 * @held:	full sockets in FIN_WAIT2: a program has it open; of others not set
 * @slot:	its slot of the hash table. All sockets of a slot are in one
 *		batch, in the order of its chain; sockets with the same addresses
 *		and ports are in one slot.
 */
struct tws_tuple {
	union {
		u64 pair;
		struct {
			__be32 remote4;
			__be32 local4;
		};
		struct {
			struct in6_addr local6;
			struct in6_addr remote6;
		};
	};
	union {
		u32 ports;
		struct {
			__be16 dport;
			u16 lport;
		};
	};
	int dev;
	u32 left_ms;
	u32 ts_recent_stamp;
	u32 entry_stamp;
	u32 slot;
	u8 state;
	u8 kind;
	bool v4;
	bool held;
};

/**
 * tws_tuple_addresses() - the addresses of a socket
 * @t:		the socket
 * @local:	result; IPv4 as IPv4-mapped
 * @remote:	result, likewise
 */
static inline void tws_tuple_addresses(const struct tws_tuple *t, struct in6_addr *local,
				       struct in6_addr *remote)
{
	if (t->v4) {
		ipv6_addr_set_v4mapped(t->local4, local);
		ipv6_addr_set_v4mapped(t->remote4, remote);
	} else {
		*local = t->local6;
		*remote = t->remote6;
	}
}

#endif /* TWS_TUPLE_H */
