// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many more bind() calls with port 0 would succeed, by local address:
 * inet_connection_sock.c:inet_csk_find_open_port() as it is called for a socket without
 * SO_REUSEADDR and SO_REUSEPORT.
 *
 * The owners of the ports are handed in twice, those of one port one after the other. At
 * first tws_sources_see() finds the addresses, then tws_sources_judge() counts the ports
 * of those that were chosen. An owner may come more than once.
 */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "compat/list_sort.h"
#include "gfp.h"
#include "sources.h"
#include "stride.h"

#define TWS_SOURCE_HEADS	1024u

static bool tws_owner_is_any(const struct tws_owner *owner)
{
	return ipv6_addr_any(&owner->addr) ||
	       (ipv6_addr_v4mapped(&owner->addr) && !owner->addr.s6_addr32[3]);
}

/* inet_connection_sock.c:ipv4_rcv_saddr_equal() */
static bool tws_overlaps_v4(const struct tws_source *source,
			    const struct tws_owner *owner)
{
	if (owner->v6only)
		return false;
	return tws_owner_is_any(owner) ||
	       ipv6_addr_equal(&owner->addr, &source->addr) ||
	       (owner->alias && owner->alias == source->addr.s6_addr32[3]);
}

/**
 * tws_source_conflicts() - whether an owner keeps its port from a bind() call
 * @source:	the call
 * @owner:	the owner
 */
bool tws_source_conflicts(const struct tws_source *source,
			  const struct tws_owner *owner)
{
	if (source->l3mdev != owner->l3mdev)
		return false;
	if (source->dev && owner->dev && source->dev != owner->dev)
		return false;
	switch (source->kind) {
	case TWS_SOURCE_ANY6:
		return true;
	case TWS_SOURCE_ANY4:
		return !owner->v6only;
	case TWS_SOURCE_V4:
		return tws_overlaps_v4(source, owner);
	default:
		return ipv6_addr_any(&owner->addr) ||
		       ipv6_addr_equal(&owner->addr, &source->addr);
	}
}

static u8 tws_source_kind(const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return addr->s6_addr32[3] ? TWS_SOURCE_V4 : TWS_SOURCE_ANY4;
	return ipv6_addr_any(addr) ? TWS_SOURCE_ANY6 : TWS_SOURCE_V6;
}

static struct hlist_head *tws_source_head(const struct tws_sources_table *table,
					  const struct in6_addr *addr)
{
	return &table->heads[jhash2((const u32 *)addr, 4, table->seed) %
			     TWS_SOURCE_HEADS];
}

static void tws_sources_fix(struct tws_sources_table *table,
			    enum tws_source_fixed which, u8 kind, bool v4)
{
	struct tws_source *source = &table->fixed[which].source;

	source->kind = kind;
	if (v4)
		ipv6_addr_set_v4mapped(0, &source->addr);
}

/**
 * tws_sources_init() - make a table without addresses
 * @table:	result; for tws_sources_free(), also on error
 * @seed:	random
 *
 * Return: 0 or -ENOMEM.
 */
int tws_sources_init(struct tws_sources_table *table, u32 seed)
{
	memset(table, 0, sizeof(*table));
	INIT_LIST_HEAD(&table->rows);
	table->seed = seed;
	tws_sources_fix(table, TWS_FIXED_ANY4, TWS_SOURCE_ANY4, true);
	tws_sources_fix(table, TWS_FIXED_ANY6, TWS_SOURCE_ANY6, false);
	tws_sources_fix(table, TWS_FIXED_OTHER4, TWS_SOURCE_V4, true);
	tws_sources_fix(table, TWS_FIXED_OTHER6, TWS_SOURCE_V6, false);
	table->heads = kcalloc(TWS_SOURCE_HEADS, sizeof(*table->heads), TWS_GFP);
	return table->heads ? 0 : -ENOMEM;
}

/**
 * tws_sources_free() - free what a table holds
 * @table:	the table
 *
 * Context: process context, may sleep.
 */
void tws_sources_free(struct tws_sources_table *table)
{
	struct tws_source_row *row, *next;
	u32 nr = 0;

	list_for_each_entry_safe(row, next, &table->rows, list) {
		list_del(&row->list);
		if (!tws_source_is_fixed(table, row))
			kfree(row);
		tws_rows_resched(++nr);
	}
	kfree(table->heads);
	table->heads = NULL;
}

static struct tws_source_row *tws_sources_find(const struct tws_sources_table *table,
					       const struct tws_owner *owner)
{
	struct tws_source_row *row;

	hlist_for_each_entry(row, tws_source_head(table, &owner->addr), node)
		if (row->source.dev == owner->dev &&
		    ipv6_addr_equal(&row->source.addr, &owner->addr))
			return row;
	return NULL;
}

static struct tws_source_row *tws_sources_add(struct tws_sources_table *table,
					      const struct tws_owner *owner)
{
	struct tws_source_row *row = NULL;

	if (table->nr < TWS_SEEN_SOURCES)
		row = kzalloc(sizeof(*row), TWS_GFP);
	if (!row) {
		table->incomplete = true;
		return NULL;
	}
	row->source.addr = owner->addr;
	row->source.dev = owner->dev;
	row->source.kind = tws_source_kind(&owner->addr);
	hlist_add_head(&row->node, tws_source_head(table, &owner->addr));
	list_add_tail(&row->list, &table->rows);
	table->nr++;
	return row;
}

/* Port 0 is in no range, so a new row has counted none. */
static void tws_source_uses(struct tws_source_row *row, const struct tws_owner *owner)
{
	if (row->used_port != owner->port) {
		row->used_port = owner->port;
		row->used++;
		row->tw += owner->timewait;
		row->used_by_tw = owner->timewait;
	} else if (row->used_by_tw && !owner->timewait) {
		row->used_by_tw = false;
		row->tw--;
	}
}

/**
 * tws_sources_see() - take note of an owner in the first pass
 * @table:	the table
 * @owner:	the owner
 *
 * Context: process context, may sleep.
 */
void tws_sources_see(struct tws_sources_table *table, const struct tws_owner *owner)
{
	struct tws_source_row *row;

	/* These have rows already. */
	if (tws_owner_is_any(owner) && !owner->dev)
		return;
	row = tws_sources_find(table, owner) ?: tws_sources_add(table, owner);
	if (row)
		tws_source_uses(row, owner);
}

static int tws_cmp(u32 a, u32 b)
{
	return a < b ? -1 : a > b;
}

static int tws_source_cmp(const struct tws_source *a, const struct tws_source *b)
{
	return memcmp(&a->addr, &b->addr, sizeof(a->addr)) ?: tws_cmp(a->dev, b->dev);
}

static int tws_most_used(void *done, tws_compat_list *a, tws_compat_list *b)
{
	const struct tws_source_row *x = list_entry(a, struct tws_source_row, list);
	const struct tws_source_row *y = list_entry(b, struct tws_source_row, list);

	tws_rows_resched((*(u32 *)done)++);
	return tws_cmp(y->used, x->used) ?: tws_source_cmp(&x->source, &y->source);
}

static void tws_sources_drop(struct tws_sources_table *table,
			     struct tws_source_row *row)
{
	hlist_del(&row->node);
	list_del(&row->list);
	kfree(row);
	table->nr--;
}

static void tws_source_forget(struct tws_source_row *row)
{
	row->used = 0;
	row->tw = 0;
	row->used_port = 0;
}

static bool tws_source_is_wide(const struct tws_source_row *row)
{
	return row->source.kind == TWS_SOURCE_ANY4 || row->source.kind == TWS_SOURCE_ANY6;
}

/**
 * tws_sources_choose() - keep the addresses that hold most, between the passes
 * @table:	the table
 *
 * Context: process context, may sleep.
 */
void tws_sources_choose(struct tws_sources_table *table)
{
	struct tws_source_row *row, *next;
	u32 done = 0, nr = 0;

	list_sort(&done, &table->rows, tws_most_used);
	list_for_each_entry_safe(row, next, &table->rows, list) {
		tws_rows_resched(++nr);
		if (nr > TWS_MAX_SOURCES) {
			tws_sources_drop(table, row);
			table->hidden++;
		} else {
			tws_source_forget(row);
			if (tws_source_is_wide(row))
				list_move(&row->list, &table->rows);
		}
	}
}

static void tws_source_ask(struct tws_source_row *row, const struct tws_owner *owner)
{
	if (row->blocked_port == owner->port ||
	    !tws_source_conflicts(&row->source, owner))
		return;
	row->blocked_port = owner->port;
	row->blocked++;
}

/* The rows of the owner's address, on whatever device. */
static void tws_sources_meet(struct tws_sources_table *table, const struct tws_owner *owner)
{
	struct tws_source_row *row;

	hlist_for_each_entry(row, tws_source_head(table, &owner->addr), node) {
		if (!ipv6_addr_equal(&row->source.addr, &owner->addr))
			continue;
		if (row->source.dev == owner->dev)
			tws_source_uses(row, owner);
		tws_source_ask(row, owner);
	}
}

static void tws_sources_meet_alias(struct tws_sources_table *table,
				   const struct tws_owner *owner)
{
	struct tws_source_row *row;
	struct in6_addr alias;

	ipv6_addr_set_v4mapped(owner->alias, &alias);
	hlist_for_each_entry(row, tws_source_head(table, &alias), node)
		tws_source_ask(row, owner);
}

static void tws_sources_ask_all(struct tws_sources_table *table,
				const struct tws_owner *owner)
{
	struct tws_source_row *row;

	list_for_each_entry(row, &table->rows, list)
		tws_source_ask(row, owner);
}

/* The wildcards on devices, which are in front. */
static void tws_sources_ask_wide(struct tws_sources_table *table,
				 const struct tws_owner *owner)
{
	struct tws_source_row *row;

	list_for_each_entry(row, &table->rows, list) {
		if (!tws_source_is_wide(row))
			break;
		tws_source_ask(row, owner);
	}
}

/**
 * tws_sources_judge() - count what an owner blocks, in the second pass
 * @table:	the table
 * @owner:	the owner
 */
void tws_sources_judge(struct tws_sources_table *table, const struct tws_owner *owner)
{
	unsigned int i;

	tws_sources_meet(table, owner);
	for (i = 0; i < TWS_NR_FIXED; i++)
		tws_source_ask(&table->fixed[i], owner);
	if (tws_owner_is_any(owner)) {
		tws_sources_ask_all(table, owner);
		return;
	}
	tws_sources_ask_wide(table, owner);
	if (owner->alias)
		tws_sources_meet_alias(table, owner);
}

static void tws_source_miss(struct tws_source_row *row, u16 port)
{
	row->unknown += row->blocked_port != port;
}

/**
 * tws_sources_lost() - not all owners of a port were handed in, in the second pass
 * @table:	the table
 * @port:	the port, the last one that owners of were handed in
 */
void tws_sources_lost(struct tws_sources_table *table, u16 port)
{
	struct tws_source_row *row;
	unsigned int i;

	table->incomplete = true;
	for (i = 0; i < TWS_NR_FIXED; i++)
		tws_source_miss(&table->fixed[i], port);
	list_for_each_entry(row, &table->rows, list)
		tws_source_miss(row, port);
}

/* A row of which not all is known stands where it would with the least that it may have. */
static int tws_fewest_free(void *done, tws_compat_list *a, tws_compat_list *b)
{
	const struct tws_source_row *x = list_entry(a, struct tws_source_row, list);
	const struct tws_source_row *y = list_entry(b, struct tws_source_row, list);

	tws_rows_resched((*(u32 *)done)++);
	return tws_cmp(y->blocked + y->unknown, x->blocked + x->unknown) ?:
	       tws_source_cmp(&x->source, &y->source);
}

/**
 * tws_sources_sort() - put the rows in their order, after the second pass
 * @table:	the table
 *
 * Context: process context, may sleep.
 */
void tws_sources_sort(struct tws_sources_table *table)
{
	struct tws_source_row *row, *next;
	unsigned int i;
	u32 done = 0;

	/* Of what was seen in the first pass, some may be gone. */
	list_for_each_entry_safe(row, next, &table->rows, list)
		if (!row->used)
			tws_sources_drop(table, row);
	kfree(table->heads);
	table->heads = NULL;
	list_sort(&done, &table->rows, tws_fewest_free);
	for (i = 0; i < TWS_NR_FIXED; i++)
		list_add_tail(&table->fixed[i].list, &table->rows);
}

/**
 * tws_sources_bytes() - memory that a sorted table holds, besides itself
 * @table:	the table
 */
size_t tws_sources_bytes(const struct tws_sources_table *table)
{
	return table->nr * sizeof(struct tws_source_row);
}

static enum tws_source_fixed tws_fixed_for(const struct in6_addr *addr)
{
	switch (tws_source_kind(addr)) {
	case TWS_SOURCE_ANY4:
		return TWS_FIXED_ANY4;
	case TWS_SOURCE_ANY6:
		return TWS_FIXED_ANY6;
	case TWS_SOURCE_V4:
		return TWS_FIXED_OTHER4;
	default:
		return TWS_FIXED_OTHER6;
	}
}

/**
 * tws_sources_row() - the row that tells what a bind() call finds
 * @table:	the table, sorted
 * @addr:	its address, IPv4 as IPv4-mapped
 * @dev:	ifindex of its device, 0 for none
 *
 * An address without a row holds no port; on a device it may find fewer than is told.
 */
const struct tws_source_row *tws_sources_row(const struct tws_sources_table *table,
					     const struct in6_addr *addr, int dev)
{
	const struct tws_source_row *row;

	list_for_each_entry(row, &table->rows, list)
		if (!tws_source_is_fixed(table, row) && row->source.dev == dev &&
		    ipv6_addr_equal(&row->source.addr, addr))
			return row;
	return &table->fixed[tws_fixed_for(addr)];
}
