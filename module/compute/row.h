/* SPDX-License-Identifier: GPL-2.0-only */
/* What is counted for one key, and what follows from it. */
#ifndef TWS_ROW_H
#define TWS_ROW_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "ages.h"
#include "classify.h"
#include "fetch.h"
#include "level.h"
#include "tuple.h"

/* A change that is not known. */
#define TWS_NO_GROWTH	S32_MIN

/**
 * struct tws_growth - how a destination loses ports that do not come back
 * @compared:	it was in the oldest remembered snapshot, and the next six fields are valid
 * @then:	ports that were kept in it, see &struct tws_turnover
 * @then_fin_wait2: ports that timewait sockets in FIN_WAIT2 held in it
 * @last:	ports that were kept in the last one
 * @rises:	sum of the rises of that number from one snapshot to the next
 * @falls:	sum of its falls
 * @expired:	ports that the timers of sockets in FIN_WAIT2 gave back since the oldest
 *		one, more or less
 * @kept:	ports that are kept now
 * @fin_wait2:	ports that timewait sockets in FIN_WAIT2 hold now
 * @due:	of these, those whose timer is due within a second
 * @per_10s:	change of @kept in ten seconds since the oldest snapshot, or TWS_NO_GROWTH
 * @fin_wait2_10s: ports that sockets in FIN_WAIT2 took in ten seconds
 */
struct tws_growth {
	bool compared;
	u32 then;
	u32 then_fin_wait2;
	u32 last;
	u32 rises;
	u32 falls;
	u32 expired;
	u32 kept;
	u32 fin_wait2;
	u32 due;
	s32 per_10s;
	u32 fin_wait2_10s;
};

/**
 * struct tws_outlook - how many ports a destination has left
 * @known:	the other fields are valid
 * @level:	enum tws_level
 * @open:	ports that are tried and not reserved
 * @free:	connect() calls that succeed before one finds no port
 * @free_if:	what @free would be with tcp_tw_reuse=1, at least @free
 * @full_ms:	time until @free is 0, or TWS_NEVER
 * @th:		the thresholds behind @level
 * @growth:	how many are lost in time
 */
struct tws_outlook {
	bool known;
	u8 level;
	u32 open;
	u32 free;
	u32 free_if;
	u32 full_ms;
	struct tws_thresholds th;
	struct tws_growth growth;
};

/**
 * struct tws_aside - what few rows have
 * @skipped:	sockets in TIME_WAIT on ports that connect() skips, by tws_age_bin()
 * @fin_wait2:	timewait sockets in FIN_WAIT2 that block usable ports, by tws_age_bin()
 */
struct tws_aside {
	u32 skipped[TWS_AGE_BINS];
	u32 fin_wait2[TWS_AGE_BINS];
};

/**
 * struct tws_row - what was counted for one key
 * @key:	whose sockets these are
 * @next_ms:	time until the first timewait socket is due, TWS_NEVER if none is
 * @sockets:	how many, in all states
 * @count:	how many, by enum tws_state
 * @reuse:	its TIME_WAITs on usable ports that connect() may take over
 * @blocked:	usable ports that its sockets block; ports that a socket of a
 *		wider scope blocks as well are left to that socket's row
 * @blocked_tw:	part of @blocked: by a socket in TIME_WAIT
 * @blocked_fw2: part of @blocked: by a timewait socket in FIN_WAIT2
 * @fw2_held:	full sockets in FIN_WAIT2 that a program has open
 * @blocked_if:	what @blocked would be with tcp_tw_reuse=1
 * @spared:	usable ports that a socket of a wider scope blocks, but not for this
 *		row: connect() meets a socket of the row first and takes it over
 * @spared_if:	what @spared would be with tcp_tw_reuse=1
 * @loopback:	out rows: see tws_on_loopback()
 * @pinned:	it stays, sockets or not
 * @age:	sockets in TIME_WAIT, by whole seconds of age
 * @aside:	NULL until it is needed
 * @list:	in &struct tws_table.rows
 * @weight:	in TWS_CANDIDATES, instead of all that is counted
 * @rank:	set by tws_rows_sort(): what the order depends on
 * @tie:	likewise: of rows of one rank, the beginning of the key
 * @outlook:	out rows: ports left; set after the counting
 * @fails:	connect() calls that found no port; set after the counting
 * @fail_last_ms: age of the last one, if there is one; likewise
 * @clashes:	connect() calls that clashed; likewise
 * @dev_name:	name of the bound device, "" for none; set after the counting
 *
 * What finding a row reads is in its first 64 bytes, what each socket changes in these and
 * the next 64, but for @age. The 64 behind have what going over many rows reads again and
 * again: sorting, and taking from each weight.
 */
struct tws_row {
	/* private: */
	struct tws_row *chain;
	u32 hash;
	/* public: */
	struct tws_key key;
	u32 next_ms;
	u32 sockets;
	u32 count[TWS_NR_STATES];
	u32 reuse;
	u32 blocked;
	u32 blocked_tw;
	u32 blocked_if;
	u32 spared;
	u32 spared_if;
	bool loopback;
	bool pinned;
	struct tws_aside *aside;
	struct list_head list;
	union {
		u32 weight;
		u64 rank;
	};
	u64 tie;
	u32 blocked_fw2;
	u32 fw2_held;
	u32 age[TWS_AGE_BINS];
	struct tws_outlook outlook;
	u32 fails;
	u32 fail_last_ms;
	u32 clashes;
	char dev_name[IFNAMSIZ];
};

/* A pair whose last failure is not older has a row, sockets or not, and comes early. */
#define TWS_FAILED_LATELY_MS	(600u * MSEC_PER_SEC)

/**
 * tws_row_fetch() - fetch from memory what counting a socket reads
 * @row:	its row, or NULL
 * @t:		the socket
 */
static inline void tws_row_fetch(const struct tws_row *row, const struct tws_tuple *t)
{
	tws_fetch(row);
	tws_fetch(&row->count);
	tws_fetch(&row->age[tws_age_bin(t->left_ms)]);
}

/**
 * tws_row_fetch_next() - fetch from memory what the outlook of the next row is made of
 * @row:	a row in a list
 */
static inline void tws_row_fetch_next(const struct tws_row *row)
{
	const struct tws_row *next = list_next_entry(row, list);

	tws_fetch(next);
	tws_fetch(&next->count);
	tws_fetch(&next->list);
	tws_fetch(&next->age);
	tws_fetch(&next->outlook);
	tws_fetch(&next->outlook.growth);
}

/**
 * tws_row_add_age() - take down how old a TIME_WAIT is
 * @row:	its row
 * @left_ms:	time until its timer is due
 */
static inline void tws_row_add_age(struct tws_row *row, u32 left_ms)
{
	row->age[tws_age_bin(left_ms)]++;
	row->next_ms = min(row->next_ms, left_ms);
}

/**
 * tws_row_add_socket() - count a socket
 * @row:	its row
 * @t:		the socket
 */
static inline void tws_row_add_socket(struct tws_row *row,
				      const struct tws_tuple *t)
{
	row->sockets++;
	row->count[t->state]++;
	if (t->state == TWS_STATE_TIME_WAIT)
		tws_row_add_age(row, t->left_ms);
	else if (t->state != TWS_STATE_FIN_WAIT2)
		return;
	else if (t->kind == TWS_KIND_TIMEWAIT)
		row->next_ms = min(row->next_ms, t->left_ms);
	else
		row->fw2_held += t->held;
}

/**
 * tws_row_add_ports() - count what sockets on usable ports mean for these
 * @row:	their row
 * @time_wait:	whether they are in TIME_WAIT
 * @nr:		how many there are, none of which has a twin of a wider scope
 * @now:	how many of them connect() takes over
 * @if_on:	how many it would take over with tcp_tw_reuse=1
 */
static inline void tws_row_add_ports(struct tws_row *row, bool time_wait, u32 nr, u32 now,
				     u32 if_on)
{
	row->blocked += nr - now;
	row->blocked_if += nr - if_on;
	if (time_wait) {
		row->reuse += now;
		row->blocked_tw += nr - now;
	}
}

#endif /* TWS_ROW_H */
