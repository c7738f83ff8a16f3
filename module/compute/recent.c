// SPDX-License-Identifier: GPL-2.0-only
/* What was counted where a row is remembered comes to the row. */
#include "recent.h"
#include "row.h"

static void tws_recent_add_up(struct tws_recent_row *entry)
{
	const u32 taken_over = entry->reuse ? entry->reusable : 0;
	struct tws_row *row = entry->row;

	row->sockets += entry->timewait;
	row->count[TWS_STATE_TIME_WAIT] += entry->timewait;
	tws_row_add_ports(row, true, entry->timewait, taken_over, entry->reusable);
	entry->timewait = 0;
	entry->reusable = 0;
}

/**
 * tws_recent_settle() - add to the rows what they lack
 * @recent:	the rows, which stay remembered
 */
void tws_recent_settle(struct tws_recent *recent)
{
	struct tws_recent_row *entry;

	for (entry = recent->rows; entry < recent->rows + TWS_RECENT_ROWS; entry++)
		if (entry->timewait)
			tws_recent_add_up(entry);
}

/**
 * tws_recent_keep() - remember the row of a socket
 * @recent:	the rows
 * @t:		the socket, as for tws_recent_entry()
 * @row:	its row; whoever frees it settles, and forgets all that is remembered
 * @reuse:	connect() takes over what tws_reusable() is true of
 */
void tws_recent_keep(struct tws_recent *recent, const struct tws_tuple *t,
		     struct tws_row *row, bool reuse)
{
	const u64 pair = tws_recent_pair(t);
	struct tws_recent_row *entry = tws_recent_entry(recent, t, pair);

	if (entry->timewait)
		tws_recent_add_up(entry);
	*entry = (struct tws_recent_row){
		.pair = pair,
		.row = row,
		.dport = t->dport,
		.v4 = t->v4,
		.reuse = reuse,
	};
}
