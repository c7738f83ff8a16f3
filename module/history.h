/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_HISTORY_H
#define TWS_HISTORY_H

#include <linux/ktime.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "compute/classify.h"

struct tws_growth;
struct tws_table;

/* Snapshots of a namespace that are remembered. */
#define TWS_REMEMBERED		7
/* Rows of each, the first ones of the file. */
#define TWS_REMEMBERED_ROWS	200u

/**
 * struct tws_ports_then - which ports connect() tried
 * @range:	net.ipv4.ip_local_port_range
 * @reserved:	see tws_ports_reserved()
 */
struct tws_ports_then {
	struct tws_range range;
	u16 reserved;
};

/**
 * struct tws_row_then - what is remembered of an out row
 * @hash:	hash of its key, by which the table finds it
 * @other_hash: with another seed: that two keys have both in common does not happen
 * @kept:	see &struct tws_growth
 * @fin_wait2:	see &struct tws_growth
 * @due:	of these, those whose timer was due within a second
 */
struct tws_row_then {
	u32 hash;
	u32 other_hash;
	u32 kept;
	u32 fin_wait2;
	u32 due;
};

/**
 * struct tws_old_snapshot - what is remembered of a snapshot; it does not change
 * @refs:	the namespace's reference, and one of each that compares with it
 * @taken:	when the snapshot was taken
 * @ports:	which ports connect() tried
 * @dropped:	timewait sockets that the kernel had not made until then
 * @nr:		number of @row
 * @row:	the rows
 */
struct tws_old_snapshot {
	refcount_t refs;
	ktime_t taken;
	struct tws_ports_then ports;
	u64 dropped;
	u32 nr;
	struct tws_row_then row[];
};

/**
 * struct tws_history - the snapshots of a namespace that are remembered
 * @lock:	guards what follows, for a few instructions at a time
 * @old:	the snapshots, the newest first; NULL at the end
 */
struct tws_history {
	spinlock_t lock;	/* guards what follows */
	struct tws_old_snapshot *old[TWS_REMEMBERED];
};

/**
 * struct tws_past - snapshots that a new one is compared with
 * @now:	when the new one is taken
 * @old:	those that count, the newest first, with a reference of each
 * @nr:		how many
 * @age_ms:	age of the oldest one
 */
struct tws_past {
	ktime_t now;
	const struct tws_old_snapshot *old[TWS_REMEMBERED];
	unsigned int nr;
	u32 age_ms;
};

void tws_history_start(void);
void tws_history_init(struct tws_history *history);
void tws_history_free(struct tws_history *history);
void tws_history_get(struct tws_past *past, struct tws_history *history, ktime_t now,
		     const struct tws_ports_then *ports);
void tws_history_put(struct tws_past *past);
void tws_history_compare(struct tws_table *table, const struct tws_past *past);
void tws_growth_settle(struct tws_growth *growth, u32 age_ms);
void tws_history_add(struct tws_history *history, ktime_t now,
		     const struct tws_ports_then *ports, u64 dropped,
		     const struct tws_table *table);

#endif /* TWS_HISTORY_H */
