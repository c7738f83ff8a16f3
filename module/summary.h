/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SUMMARY_H
#define TWS_SUMMARY_H

#include <linux/types.h>

#include "compute/level.h"
#include "compute/table.h"
#include "failures.h"
#include "settings.h"

struct tws_net;

/**
 * struct tws_summary - the sockets of a namespace at one time, as tw_summary shows them
 * @walk_us:	how long all of it took, not the walk alone
 * @netns:	inode number of the namespace
 * @complete:	nothing is missing
 * @settings:	settings of the namespace
 * @ports_known: the next five fields are valid
 * @reserved:	tried ports that are reserved
 * @reserved_hash: see tws_ports_reserved()
 * @bound:	tried ports that are not reserved, and that connect() skips for
 *		every destination
 * @usable:	the other tried ports
 * @fresh:	the outlook of a destination that nobody has used yet
 * @dropped:	timewait sockets that the kernel has not made so far
 * @closes_known: it has made all of them lately: how many close is known
 * @sockets:	sockets of the namespace in the table
 * @count:	of these, by enum tws_state
 * @table:	the rows, sorted
 * @dir_rows:	how many rows of each enum tws_dir
 * @levels_known: all sockets and ports were counted, so that @level and
 *		@hidden_level are known
 * @level:	the worst of any row and of @fresh, enum tws_level
 * @hidden_level: the worst that a destination without a row may have
 * @bind_level_known: addresses were bound to lately, and the next field is valid
 * @bind_level:	the worst level of these
 * @fails:	calls that found no port, if that is counted
 * @local_width: width of the widest local name
 */
struct tws_summary {
	u32 walk_us;
	unsigned int netns;
	bool complete;
	struct tws_settings settings;
	bool ports_known;
	u32 reserved;
	u16 reserved_hash;
	u32 bound;
	u32 usable;
	struct tws_outlook fresh;
	u64 dropped;
	bool closes_known;
	u64 sockets;
	u64 count[TWS_NR_STATES];
	struct tws_table table;
	u32 dir_rows[TWS_NR_DIRS];
	bool levels_known;
	u8 level;
	u8 hidden_level;
	bool bind_level_known;
	u8 bind_level;
	struct tws_failure_sums fails;
	unsigned int local_width;
};

/**
 * struct tws_row_cursor - how far somebody has gone through the rows
 * @nr:		number of @row, 0 for the first
 * @row:	the row, NULL at the beginning
 */
struct tws_row_cursor {
	u32 nr;
	const struct tws_row *row;
};

/**
 * tws_summary_knows_level() - whether @sum->level is known
 * @sum:	the summary
 *
 * If no port is usable the namespace is full, whatever else is not known.
 */
static inline bool tws_summary_knows_level(const struct tws_summary *sum)
{
	return sum->levels_known || sum->level == TWS_LEVEL_FULL;
}

void tws_summaries_start(void);
int tws_summary_fill(struct tws_summary *sum, struct tws_net *tn, const bool *stop);
void tws_summary_free(struct tws_summary *sum);
size_t tws_summary_bytes(const struct tws_summary *sum);
const struct tws_row *tws_summary_row(const struct tws_summary *sum, u32 nr,
				      struct tws_row_cursor *cursor);
enum tws_level tws_summary_unseen_level(const struct tws_summary *sum);

#endif /* TWS_SUMMARY_H */
