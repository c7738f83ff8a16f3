/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TABLE_H
#define TWS_TABLE_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "ages.h"
#include "classify.h"
#include "keyhash.h"
#include "level.h"
#include "recent.h"
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
 * @sockets:	how many, in all states; in TWS_CANDIDATES a weight
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
 * @outlook:	out rows: ports left; set after the counting
 * @fails:	connect() calls that found no port; set after the counting
 * @fail_last_ms: age of the last one, if there is one; likewise
 * @clashes:	connect() calls that clashed; likewise
 * @dev_name:	name of the bound device, "" for none; set after the counting
 *
 * What finding a row reads is in its first 64 bytes, what each socket changes in
 * these and the next 64, but for @age.
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
	u32 age[TWS_AGE_BINS];
	u32 blocked_fw2;
	u32 fw2_held;
	struct tws_aside *aside;
	struct list_head list;
	struct tws_outlook outlook;
	u32 fails;
	u32 fail_last_ms;
	u32 clashes;
	char dev_name[IFNAMSIZ];
};

/* A pair whose last failure is not older has a row, sockets or not, and comes early. */
#define TWS_FAILED_LATELY_MS	(600u * MSEC_PER_SEC)

/*
 * Rows that stay whether they have sockets or not, at most, beside @max_rows: of pairs
 * that found no port, and of pairs that clashed.
 */
#define TWS_PINNED_FAILS	256u
#define TWS_PINNED_CLASHES	64u
#define TWS_PINNED_MAX		(TWS_PINNED_FAILS + TWS_PINNED_CLASHES)

/* Keys without a row are told apart by this many bits of their hash. */
#define TWS_HIDDEN_BITS		20
#define TWS_PAGE_BITS		(PAGE_SIZE * BITS_PER_BYTE)
#define TWS_HIDDEN_PAGES	DIV_ROUND_UP(1ul << TWS_HIDDEN_BITS, TWS_PAGE_BITS)

/* What a table does with a key that it has no row for. */
enum tws_phase {
	TWS_COUNTING,	/* adds a row: there has been room so far */
	TWS_CANDIDATES,	/* no room: finds the keys with many sockets */
	TWS_RECOUNTING,	/* second pass: counts it as hidden */
};

/**
 * struct tws_table - counts per key, in bounded memory
 * @rows:	the rows, in the order in which they were added
 * @nr:		number of rows
 * @nr_pinned:	those of them that stay
 * @phase:	see enum tws_phase
 * @short_of_memory: memory ran out, so it has fewer rows than it was allowed
 * @hidden_sockets: sockets of keys without a row, exact
 * @hidden_out:	those of them that are of out rows
 * @hidden_on_device: some of these are bound to a device
 * @hidden_most: sockets that one key without a row may have, at most
 * @hidden_min:	keys without a row, at least; set by tws_table_finish()
 * @nr_asides:	rows that have one
 *
 * A table with room for m rows, beside those that are pinned, shows every key that
 * has more than 1/(m + 1) of the sockets, and every count that it shows is exact.
 *
 * While there is room, the first pass counts. Then it goes on as a heavy-hitter
 * summary (Misra and Gries, 1982): a socket of a key without a row takes one
 * socket from the weight of every row, and rows without weight make room. Each
 * such step uses up m + 1 sockets. So a key with more than 1/(m + 1) of all
 * sockets keeps some weight, whatever the order. A key that keeps none had at
 * most as many sockets as there were steps.
 *
 * The second pass counts the keys that are left, from zero. Room that is left
 * goes to the keys that come first: they are counted from their first socket
 * on, so their counts are exact too.
 *
 * Each row is memory of its own, and the hash table that finds them grows by one
 * bucket with each row (linear hashing: Litwin, 1980): there is no moment at which
 * everything is copied.
 */
struct tws_table {
	struct list_head rows;
	u32 nr;
	u32 nr_pinned;
	enum tws_phase phase;
	bool short_of_memory;
	u64 hidden_sockets;
	u64 hidden_out;
	bool hidden_on_device;
	u64 hidden_most;
	u32 hidden_min;
	u32 nr_asides;

	/* private: */
	struct list_head spare;
	const struct tws_hash_seed *seed;
	u32 max_rows;
	u32 nr_buckets;
	u32 mask;
	u32 nr_pages;
	struct tws_row ***bucket_pages;
	unsigned long *hidden_map[TWS_HIDDEN_PAGES];
	/* NULL while rows make room for others, or memory is short. */
	struct tws_recent *recent;
};

int tws_table_init(struct tws_table *table, u32 max_rows,
		   const struct tws_hash_seed *seed);
void tws_table_free(struct tws_table *table);
struct tws_row *tws_table_add(struct tws_table *table, const struct tws_key *key,
			      u32 hash);
struct tws_aside *tws_row_aside(struct tws_table *table, struct tws_row *row);
bool tws_table_pin(struct tws_table *table, const struct tws_key *key);
bool tws_table_second_pass(struct tws_table *table);
void tws_table_settle(struct tws_table *table);
void tws_table_finish(struct tws_table *table);
size_t tws_table_bytes(const struct tws_table *table);

/* Buckets of the hash table in one page of memory: also how many there are at first. */
#define TWS_PAGE_BUCKETS	((u32)(PAGE_SIZE / sizeof(struct tws_row *)))

/*
 * Buckets are split one after the other, so for a while some of those that the mask
 * allows are not there yet: their rows are still where the shorter mask says.
 */
static inline struct tws_row **tws_bucket(const struct tws_table *table,
					  u32 hash)
{
	u32 i = hash & table->mask;

	if (i >= table->nr_buckets)
		i &= table->mask >> 1;
	return &table->bucket_pages[i / TWS_PAGE_BUCKETS][i % TWS_PAGE_BUCKETS];
}

/**
 * tws_table_fetch_bucket() - fetch from memory where a row will be looked for
 * @table:	the table
 * @hash:	hash of its key
 */
static inline void tws_table_fetch_bucket(const struct tws_table *table, u32 hash)
{
	prefetch(tws_bucket(table, hash));
}

/**
 * tws_row_fetch() - fetch from memory what counting a socket reads
 * @row:	its row, or NULL
 */
static inline void tws_row_fetch(const struct tws_row *row)
{
	prefetch(row);
	prefetch(&row->count);
}

/**
 * tws_table_fetch_row() - fetch from memory the row that is probably looked for
 * @table:	the table
 * @hash:	hash of its key
 */
static inline void tws_table_fetch_row(const struct tws_table *table, u32 hash)
{
	tws_row_fetch(*tws_bucket(table, hash));
}

static inline struct tws_row *tws_find(const struct tws_table *table,
				       const struct tws_key *key, u32 hash)
{
	struct tws_row *row = *tws_bucket(table, hash);

	while (row && (row->hash != hash || !tws_key_equal(&row->key, key)))
		row = row->chain;
	return row;
}

/**
 * tws_table_find() - find a row
 * @table:	the table
 * @key:	key of the row
 *
 * Return: the row, or NULL.
 */
static inline const struct tws_row *tws_table_find(const struct tws_table *table,
						   const struct tws_key *key)
{
	return tws_find(table, key, tws_key_hash(key, table->seed));
}

/**
 * tws_table_find_or_add() - find the row of a socket, or add it
 * @table:	the table
 * @key:	row of the socket
 * @hash:	hash of the key
 *
 * To be called once for every socket of a pass, in any order.
 *
 * Context: may sleep and allocate.
 * Return: the row, valid until the next call; NULL if there is no room for it,
 * and then the table has counted the socket as hidden or as a weight.
 */
static inline struct tws_row *tws_table_find_or_add(struct tws_table *table,
						    const struct tws_key *key,
						    u32 hash)
{
	return tws_find(table, key, hash) ?: tws_table_add(table, key, hash);
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

#endif /* TWS_TABLE_H */
