// SPDX-License-Identifier: GPL-2.0-only
/* The order of the rows: the worst on top. */
#include <linux/bits.h>
#include <linux/build_bug.h>

#include "compat/list_sort.h"
#include "fetch.h"
#include "order.h"
#include "row.h"
#include "stride.h"

static int tws_cmp(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

static u64 tws_address_half(const struct in6_addr *address, int half)
{
	const __be32 *word = &address->s6_addr32[2 * half];

	return (u64)ntohl(word[0]) << 32 | ntohl(word[1]);
}

/* IPv4-mapped addresses come before those of the Internet's IPv6. */
static int tws_address_cmp(const struct in6_addr *a, const struct in6_addr *b)
{
	return tws_cmp(tws_address_half(a, 0), tws_address_half(b, 0)) ?:
	       tws_cmp(tws_address_half(a, 1), tws_address_half(b, 1));
}

static int tws_key_cmp(const struct tws_key *a, const struct tws_key *b)
{
	return tws_address_cmp(&a->local, &b->local) ?:
	       tws_cmp(a->lport, b->lport) ?:
	       tws_address_cmp(&a->remote, &b->remote) ?:
	       tws_cmp(a->rport, b->rport) ?:
	       tws_cmp(a->dev, b->dev);
}

/* The bits of a rank, from the first one that matters to the last one. */
#define TWS_RANK_DIR		62	/* enum tws_dir */
#define TWS_RANK_LEVEL		60	/* how far from the worst level */
#define TWS_RANK_FAILED		40	/* ms since the last failure; all ones: not lately */
#define TWS_RANK_FREE		23	/* free ports; all ones: not known */
#define TWS_RANK_SOCKETS	0	/* how many fewer than the most that fit */

#define TWS_RANK_MOST(from, to)	GENMASK_ULL((to) - (from) - 1, 0)

/*
 * An outage that is over is still found: whoever is called by an alert looks some minutes
 * later. Rows whose number of free ports is not known come last.
 */
static u64 tws_out_rank(const struct tws_row *row)
{
	const u64 most = TWS_RANK_MOST(TWS_RANK_SOCKETS, TWS_RANK_FREE);
	u64 failed = TWS_RANK_MOST(TWS_RANK_FAILED, TWS_RANK_LEVEL);
	u64 free = TWS_RANK_MOST(TWS_RANK_FREE, TWS_RANK_FAILED);

	BUILD_BUG_ON(TWS_LEVEL_FULL > 3 || TWS_NR_DIRS > 4);
	BUILD_BUG_ON(TWS_RANK_MOST(TWS_RANK_FAILED, TWS_RANK_LEVEL) <= TWS_FAILED_LATELY_MS);
	BUILD_BUG_ON(TWS_RANK_MOST(TWS_RANK_FREE, TWS_RANK_FAILED) <= TWS_PORTS);

	if (row->fails && row->fail_last_ms <= TWS_FAILED_LATELY_MS)
		failed = row->fail_last_ms;
	if (row->outlook.known)
		free = min_t(u64, row->outlook.free, free - 1);
	return (u64)(TWS_LEVEL_FULL - row->outlook.level) << TWS_RANK_LEVEL |
	       failed << TWS_RANK_FAILED | free << TWS_RANK_FREE |
	       (most - min_t(u64, row->sockets, most)) << TWS_RANK_SOCKETS;
}

/*
 * The rank of a row says whether it is shown before another one, but for those that have the
 * same. A number, so that sorting reads next to nothing of a row: many rows are in no cache.
 */
static u64 tws_rank(const struct tws_row *row)
{
	const u64 dir = (u64)row->key.dir << TWS_RANK_DIR;

	if (row->key.dir == TWS_OUT)
		return dir | tws_out_rank(row);
	return dir | (U32_MAX - row->count[TWS_STATE_TIME_WAIT]);
}

/*
 * Of rows with the same rank, one with a lower tie has a lower key: that of IPv4 is the local
 * and the remote address (out rows have no local port), that of IPv6 the same for all. So
 * sorting need not read the keys of a crawler's many destinations.
 */
static u64 tws_tie(const struct tws_row *row)
{
	const struct in6_addr *local = &row->key.local, *remote = &row->key.remote;

	if (!ipv6_addr_v4mapped(local))
		return tws_address_half(local, 0) || local->s6_addr32[2] ? U64_MAX : 0;
	if (row->key.dir != TWS_OUT)
		return (u64)ntohl(local->s6_addr32[3]) << 32;
	return (u64)ntohl(local->s6_addr32[3]) << 32 | ntohl(remote->s6_addr32[3]);
}

/**
 * tws_row_cmp() - compare two rows
 * @a:	a row
 * @b:	another row
 *
 * A total order: rows with different keys are never equal.
 *
 * Return: negative if @a is shown before @b, positive if after.
 */
int tws_row_cmp(const struct tws_row *a, const struct tws_row *b)
{
	return tws_cmp(tws_rank(a), tws_rank(b)) ?: tws_cmp(tws_tie(a), tws_tie(b)) ?:
	       tws_key_cmp(&a->key, &b->key);
}

/* Those who sort, and how many comparisons there have been. */
struct tws_sorting {
	struct tws_breath *breath;
	u32 done;
};

static int tws_list_cmp(void *sorting, tws_compat_list *a, tws_compat_list *b)
{
	const struct tws_row *x = list_entry(a, struct tws_row, list);
	const struct tws_row *y = list_entry(b, struct tws_row, list);
	struct tws_sorting *s = sorting;

	/* One of these is compared next. */
	tws_fetch(a->next);
	tws_fetch(b->next);
	tws_rows_breathe(s->breath, s->done++);
	return tws_cmp(x->rank, y->rank) ?: tws_cmp(x->tie, y->tie) ?:
	       tws_key_cmp(&x->key, &y->key);
}

/**
 * tws_rows_sort() - put the rows of a table in their order
 * @rows:	the rows
 * @breath:	as for tws_breathe()
 *
 * Context: process context, may sleep.
 */
void tws_rows_sort(struct list_head *rows, struct tws_breath *breath)
{
	struct tws_sorting sorting = { .breath = breath };
	struct tws_row *row;
	u32 seen = 0;

	list_for_each_entry(row, rows, list) {
		row->rank = tws_rank(row);
		row->tie = tws_tie(row);
		tws_rows_breathe(breath, seen++);
	}
	list_sort(&sorting, rows, tws_list_cmp);
}
