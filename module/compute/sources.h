/* SPDX-License-Identifier: GPL-2.0-only */
/* How many more bind() calls with port 0 would succeed, by local address. */
#ifndef TWS_SOURCES_H
#define TWS_SOURCES_H

#include <linux/if.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/types.h>

/* Addresses that are shown, at most, and that are counted to find these. */
#define TWS_MAX_SOURCES		256u
#define TWS_SEEN_SOURCES	16384u

/**
 * struct tws_owner - a socket that has a port
 * @addr:	its local address, IPv4 as IPv4-mapped
 * @alias:	IPv4 address that an IPv6 socket counts by as well, 0 for none
 * @dev:	ifindex that it is bound to, 0 for none
 * @l3mdev:	VRF of its bind bucket, 0 for none
 * @port:	its port, host order
 * @v6only:	IPV6_V6ONLY
 * @timewait:	it is a timewait socket
 */
struct tws_owner {
	struct in6_addr addr;
	__be32 alias;
	int dev;
	int l3mdev;
	u16 port;
	bool v6only;
	bool timewait;
};

/* What bind() is asked for. */
enum tws_source_kind {
	TWS_SOURCE_V4,		/* an IPv4 address */
	TWS_SOURCE_V6,		/* an IPv6 address */
	TWS_SOURCE_ANY4,	/* 0.0.0.0 */
	TWS_SOURCE_ANY6,	/* ::, dual stack */
};

/**
 * struct tws_source - a bind() call
 * @addr:	the address, IPv4 as IPv4-mapped. A wildcard with TWS_SOURCE_V4 or
 *		TWS_SOURCE_V6 is an address that nobody has.
 * @dev:	ifindex that the socket is bound to, 0 for none
 * @l3mdev:	VRF whose bind buckets count for it, 0 for none
 * @kind:	enum tws_source_kind
 */
struct tws_source {
	struct in6_addr addr;
	int dev;
	int l3mdev;
	u8 kind;
};

/**
 * struct tws_source_row - an address, and what is known of its ports
 * @source:	the address
 * @list:	in the order in which the rows are shown
 * @used:	ports that sockets of this address have
 * @tw:		of these, ports that timewait sockets alone have
 * @blocked:	ports that bind() cannot have
 * @unknown:	other ports, of which this is not known
 * @dev_name:	name of the device, "" for none
 */
struct tws_source_row {
	struct tws_source source;
	struct list_head list;
	u32 used;
	u32 tw;
	u32 blocked;
	u32 unknown;
	char dev_name[IFNAMSIZ];

	/* private: */
	struct hlist_node node;
	u16 used_port;		/* counted last in @used */
	u16 blocked_port;	/* counted last in @blocked */
	bool used_by_tw;	/* @used_port: by timewait sockets alone so far */
};

/* The rows that are always there, last of all. */
enum tws_source_fixed {
	TWS_FIXED_ANY4,
	TWS_FIXED_ANY6,
	TWS_FIXED_OTHER4,	/* an IPv4 address that holds no port */
	TWS_FIXED_OTHER6,
	TWS_NR_FIXED,
};

/**
 * struct tws_sources_table - the rows
 * @rows:	addresses that hold ports; in the end all rows, in their order
 * @nr:		addresses that hold ports
 * @hidden:	those that are not shown
 * @incomplete:	memory was short, or there are more than TWS_SEEN_SOURCES
 * @fixed:	rows that are always there
 */
struct tws_sources_table {
	struct list_head rows;
	u32 nr;
	u32 hidden;
	bool incomplete;
	struct tws_source_row fixed[TWS_NR_FIXED];

	/* private: */
	struct hlist_head *heads;
	u32 seed;
};

/**
 * tws_source_is_fixed() - whether a row is one of those that are always there
 * @table:	the table
 * @row:	one of its rows
 */
static inline bool tws_source_is_fixed(const struct tws_sources_table *table,
				       const struct tws_source_row *row)
{
	return row >= table->fixed && row < table->fixed + TWS_NR_FIXED;
}

bool tws_source_conflicts(const struct tws_source *source,
			  const struct tws_owner *owner);
int tws_sources_init(struct tws_sources_table *table, u32 seed);
void tws_sources_free(struct tws_sources_table *table);
void tws_sources_see(struct tws_sources_table *table, const struct tws_owner *owner);
void tws_sources_choose(struct tws_sources_table *table);
void tws_sources_judge(struct tws_sources_table *table, const struct tws_owner *owner);
void tws_sources_lost(struct tws_sources_table *table, u16 port);
size_t tws_sources_bytes(const struct tws_sources_table *table);
void tws_sources_sort(struct tws_sources_table *table);
const struct tws_source_row *tws_sources_row(const struct tws_sources_table *table,
					     const struct in6_addr *addr, int dev);

#endif /* TWS_SOURCES_H */
