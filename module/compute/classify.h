/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CLASSIFY_H
#define TWS_CLASSIFY_H

#include <linux/in6.h>
#include <linux/types.h>

struct tws_tuple;

/* Number of ports: the size of the bitmaps of ports, in bits. */
#define TWS_PORTS	65536

/* The kinds of row, in the order in which they are shown. */
enum tws_dir {
	TWS_OUT,	/* connections that use up ephemeral ports */
	TWS_IN,		/* connections to a port that is listened on */
	TWS_BOUND,	/* the others: no listener, port outside the range */
	TWS_NR_DIRS,
};

/**
 * struct tws_range - net.ipv4.ip_local_port_range
 * @low:	first port
 * @high:	last port, at least @low
 */
struct tws_range {
	u16 low;
	u16 high;
};

/**
 * struct tws_key - what the sockets of one row have in common
 * @local:	local address, IPv4 as IPv4-mapped
 * @remote:	out: remote address; else ::
 * @dev:	ifindex of the bound device, 0 for none
 * @dir:	enum tws_dir
 * @lport:	in, bound: local port; else 0
 * @rport:	out: remote port; else 0
 *
 * No padding: keys are hashed and compared as memory.
 */
struct tws_key {
	struct in6_addr local;
	struct in6_addr remote;
	int dev;
	u32 dir;
	u16 lport;
	u16 rport;
};

u32 tws_range_size(const struct tws_range *range);
u32 tws_range_tried(const struct tws_range *range);
bool tws_in_range(const struct tws_range *range, u16 port);
void tws_classify(struct tws_key *key, const struct tws_tuple *t,
		  const struct tws_range *range,
		  const unsigned long *listening);

#endif /* TWS_CLASSIFY_H */
