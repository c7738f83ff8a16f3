/* SPDX-License-Identifier: GPL-2.0-only */
/* What a walk copies of each socket: values, no pointers into the kernel. */
#ifndef TWS_TUPLE_H
#define TWS_TUPLE_H

#include <linux/in6.h>
#include <linux/types.h>

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
 * @local:	local address; IPv4 and IPv4-mapped as ::ffff:a.b.c.d
 * @remote:	remote address, likewise
 * @dev:	ifindex that the socket is bound to, 0 for none
 * @left_ms:	TIME_WAIT: time until its timer is due, at most 60,000; else 0
 * @ts_recent_stamp: timewait sockets: second of the last segment with a
 *		timestamp (ktime_get_seconds()), 0 if there was none
 * @entry_stamp: timewait sockets, kernels that keep it: millisecond clock
 *		(tcp_clock_ms()) at entry, else 0
 * @lport:	local port, host order
 * @rport:	remote port, host order
 * @state:	enum tws_state
 * @kind:	enum tws_kind
 * @v4:		both addresses are IPv4
 * @slot:	its slot of the hash table. All sockets of a slot are in one
 *		batch, in the order of its chain; sockets with the same addresses
 *		and ports are in one slot.
 */
struct tws_tuple {
	struct in6_addr local;
	struct in6_addr remote;
	int dev;
	u32 left_ms;
	u32 ts_recent_stamp;
	u32 entry_stamp;
	u32 slot;
	u16 lport;
	u16 rport;
	u8 state;
	u8 kind;
	bool v4;
};

#endif /* TWS_TUPLE_H */
