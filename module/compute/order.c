// SPDX-License-Identifier: GPL-2.0-only
/* The order of the rows: the worst on top. */
#include <linux/string.h>

#include "compat/list_sort.h"
#include "order.h"
#include "stride.h"
#include "table.h"

static int tws_cmp(u32 a, u32 b)
{
	return a < b ? -1 : a > b;
}

static int tws_key_cmp(const struct tws_key *a, const struct tws_key *b)
{
	/* IPv4-mapped addresses sort before those of the Internet's IPv6. */
	return memcmp(&a->local, &b->local, sizeof(a->local)) ?:
	       tws_cmp(a->lport, b->lport) ?:
	       memcmp(&a->remote, &b->remote, sizeof(a->remote)) ?:
	       tws_cmp(a->rport, b->rport) ?:
	       tws_cmp(a->dev, b->dev);
}

/* Of those that have not failed lately all are alike. */
static u32 tws_failed_ms(const struct tws_row *row)
{
	return row->fails && row->fail_last_ms <= TWS_FAILED_LATELY_MS ?
	       row->fail_last_ms : TWS_NEVER;
}

/*
 * An outage that is over is still found: whoever is called by an alert looks some minutes
 * later. Rows whose number of free ports is not known come last.
 */
static int tws_out_cmp(const struct tws_row *a, const struct tws_row *b)
{
	return tws_cmp(b->outlook.level, a->outlook.level) ?:
	       tws_cmp(tws_failed_ms(a), tws_failed_ms(b)) ?:
	       tws_cmp(a->outlook.known ? a->outlook.free : U32_MAX,
		       b->outlook.known ? b->outlook.free : U32_MAX) ?:
	       tws_cmp(b->sockets, a->sockets);
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
	int cmp = tws_cmp(a->key.dir, b->key.dir);

	if (!cmp && a->key.dir == TWS_OUT)
		cmp = tws_out_cmp(a, b);
	else if (!cmp)
		cmp = tws_cmp(b->count[TWS_STATE_TIME_WAIT],
			      a->count[TWS_STATE_TIME_WAIT]);
	return cmp ?: tws_key_cmp(&a->key, &b->key);
}

static int tws_list_cmp(void *done, tws_compat_list *a, tws_compat_list *b)
{
	tws_rows_resched((*(u32 *)done)++);
	return tws_row_cmp(list_entry(a, struct tws_row, list),
			   list_entry(b, struct tws_row, list));
}

/**
 * tws_rows_sort() - put the rows of a table in their order
 * @rows:	the rows
 *
 * Context: process context, may sleep.
 */
void tws_rows_sort(struct list_head *rows)
{
	u32 done = 0;

	list_sort(&done, rows, tws_list_cmp);
}
