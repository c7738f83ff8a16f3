/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TABLE_H
#define TWS_TABLE_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "ages.h"
#include "classify.h"
#include "level.h"
#include "tuple.h"

/**
 * struct tws_outlook - how many ports a destination has left
 * @known:	the other fields are valid
 * @level:	enum tws_level
 * @usable:	ports that its connections may use
 * @free:	connect() calls that succeed before one finds no port
 * @full_ms:	time until @free is 0, or TWS_NEVER
 * @th:		the thresholds behind @level
 */
struct tws_outlook {
	bool known;
	u8 level;
	u32 usable;
	u32 free;
	u32 full_ms;
	struct tws_thresholds th;
};

/**
 * struct tws_row - what was counted for one key
 * @list:	in &struct tws_table.rows
 * @key:	whose sockets these are
 * @sockets:	how many, in all states; in TWS_CANDIDATES a weight
 * @count:	how many, by enum tws_state
 * @reuse:	its TIME_WAITs on usable ports that connect() may take over
 * @blocked:	usable ports that its sockets block; ports that a socket of a
 *		wider scope blocks as well are left to that socket's row
 * @blocked_tw:	part of @blocked: by a socket in TIME_WAIT
 * @spared:	usable ports that a socket of a wider scope blocks, but not for this
 *		row: connect() meets a socket of the row first and takes it over
 * @next_ms:	time until the first TIME_WAIT is due, TWS_NEVER if none is
 * @age:	sockets in TIME_WAIT, by whole seconds of age
 * @outlook:	out rows: ports left; set after the counting
 * @fails:	connect() calls that found no port; set after the counting
 * @dev_name:	name of the bound device, "" for none; set after the counting
 */
struct tws_row {
	struct list_head list;
	struct tws_key key;
	u32 sockets;
	u32 count[TWS_NR_STATES];
	u32 reuse;
	u32 blocked;
	u32 blocked_tw;
	u32 spared;
	u32 next_ms;
	u32 age[TWS_AGE_BINS];
	struct tws_outlook outlook;
	u32 fails;
	char dev_name[IFNAMSIZ];

	/* private: */
	u32 hash;
	struct tws_row *chain;
};

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
 * @phase:	see enum tws_phase
 * @short_of_memory: memory ran out, so it has fewer rows than it was allowed
 * @hidden_sockets: sockets of keys without a row, exact
 * @hidden_out:	those of them that are of out rows
 * @hidden_on_device: some of these are bound to a device
 * @hidden_most: sockets that one key without a row may have, at most
 * @hidden_min:	keys without a row, at least; set by tws_table_finish()
 *
 * A table with room for m rows shows every key that has more than 1/(m + 1) of
 * the sockets, and every count that it shows is exact.
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
	enum tws_phase phase;
	bool short_of_memory;
	u64 hidden_sockets;
	u64 hidden_out;
	bool hidden_on_device;
	u64 hidden_most;
	u32 hidden_min;

	/* private: */
	struct list_head spare;
	u32 max_rows;
	u32 seed;
	u32 nr_buckets;
	u32 mask;
	u32 nr_pages;
	struct tws_row ***bucket_pages;
	unsigned long *hidden_map[TWS_HIDDEN_PAGES];
};

int tws_table_init(struct tws_table *table, u32 max_rows, u32 seed);
void tws_table_free(struct tws_table *table);
const struct tws_row *tws_table_find(const struct tws_table *table,
				     const struct tws_key *key);
struct tws_row *tws_table_find_or_add(struct tws_table *table,
				      const struct tws_key *key);
bool tws_table_second_pass(struct tws_table *table);
void tws_table_finish(struct tws_table *table);
size_t tws_table_bytes(const struct tws_table *table);
void tws_row_add_socket(struct tws_row *row, const struct tws_tuple *t);

#endif /* TWS_TABLE_H */
