/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_NAMES_H
#define TWS_NAMES_H

#include <linux/if.h>
#include <linux/inet.h>
#include <linux/sched.h>
#include <linux/types.h>

struct in6_addr;
struct tws_key;

/*
 * "[", an IPv6 address, "%", a device, "]:65535". INET6_ADDRSTRLEN and IFNAMSIZ
 * both have room for a final 0, and one is needed. %pI6c writes the end of an
 * ISATAP address as IPv4 (lib/vsprintf.c:ip6_compressed_string), so an address
 * may be longer than 39 characters.
 */
#define TWS_NAME_MAX	(1 + INET6_ADDRSTRLEN + 1 + IFNAMSIZ + 7)

/* Four bytes for each byte of the name. */
#define TWS_COMM_NAME_MAX	(4 * (TASK_COMM_LEN - 1) + 1)

/**
 * struct tws_trace_pair - a pair as an event has it
 * @family:	AF_INET or AF_INET6; 0 for a destination that nobody has used yet
 * @sport:	local port, 0 if the pair has many
 * @dport:	remote port
 * @saddr:	local address, 0 if it is one of IPv6
 * @daddr:	remote address, likewise
 * @saddr_v6:	local address, IPv4 as IPv4-mapped
 * @daddr_v6:	remote address, likewise
 */
struct tws_trace_pair {
	u16 family;
	u16 sport;
	u16 dport;
	__be32 saddr;
	__be32 daddr;
	struct in6_addr saddr_v6;
	struct in6_addr daddr_v6;
};

unsigned int tws_local_name(char *buf, const struct tws_key *key,
			    const char *dev_name);
unsigned int tws_remote_name(char *buf, const struct tws_key *key);
unsigned int tws_source_name(char *buf, const struct in6_addr *addr,
			     const char *dev_name);
void tws_trace_pair(struct tws_trace_pair *pair, const struct tws_key *key);
void tws_comm_name(char *buf, const char comm[TASK_COMM_LEN]);
const char *tws_level_name(u8 level);

#endif /* TWS_NAMES_H */
