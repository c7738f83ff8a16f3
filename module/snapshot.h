/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SNAPSHOT_H
#define TWS_SNAPSHOT_H

#include <linux/ktime.h>
#include <linux/refcount.h>

#include "classify.h"
#include "table.h"

struct tws_net;

/**
 * struct tws_settings - what the namespace's administrator has set
 * @range:	net.ipv4.ip_local_port_range
 * @reuse_mode:	net.ipv4.tcp_tw_reuse
 * @timewait_max: net.ipv4.tcp_max_tw_buckets
 */
struct tws_settings {
	struct tws_range range;
	u8 reuse_mode;
	int timewait_max;
};

/**
 * struct tws_snapshot - what one look at a namespace found; never changes
 * @taken:	when it was complete
 * @walk_us:	how long taking it took
 * @netns:	inode number of the namespace
 * @complete:	nothing is missing
 * @settings:	the namespace's
 * @ports_known: the next three are known
 * @reserved:	of the ports that connect() tries, those reserved
 * @bound:	those skipped for every destination, reserved ones left out
 * @usable:	the others
 * @sockets:	sockets of the namespace in the table
 * @count:	of these, by enum tws_state
 * @table:	the rows, in no order
 * @rows:	the rows, sorted, @table.nr of them
 * @dir_rows:	how many rows of each enum tws_dir
 * @level:	the worst of any row, enum tws_level
 * @fails_known: failed connect() calls are counted
 * @local_width: width of the widest local name
 */
struct tws_snapshot {
	ktime_t taken;
	u32 walk_us;
	unsigned int netns;
	bool complete;
	struct tws_settings settings;
	bool ports_known;
	u32 reserved;
	u32 bound;
	u32 usable;
	u64 sockets;
	u64 count[TWS_NR_STATES];
	struct tws_table table;
	const struct tws_row **rows;
	u32 dir_rows[TWS_NR_DIRS];
	u8 level;
	bool fails_known;
	unsigned int local_width;

	/* private: */
	refcount_t refs;
	size_t bytes;
};

struct tws_snapshot *tws_snapshot_take(struct tws_net *tn, u32 max_rows);
struct tws_snapshot *tws_snapshot_get(struct tws_snapshot *snap);
void tws_snapshot_put(struct tws_snapshot *snap);

#endif /* TWS_SNAPSHOT_H */
