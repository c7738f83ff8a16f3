/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TABLE_H
#define TWS_TABLE_H

#include <linux/if.h>
#include <linux/types.h>

#include "ages.h"
#include "classify.h"
#include "level.h"
#include "tuple.h"

/**
 * struct tws_outlook - what is left for a destination
 * @known:	the rest is known
 * @level:	enum tws_level
 * @usable:	ports that it could hold
 * @free:	connect() calls that succeed before one finds no port
 * @full_ms:	time until @free is 0, or TWS_NEVER
 * @th:		thresholds that @level comes from
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
 * @key:	whose sockets these are
 * @sockets:	how many, all states; a weight while candidates are looked for
 * @count:	how many, by enum tws_state
 * @reuse:	of its TIME_WAITs, how many connect() may take over, on ports that
 *		it considers
 * @blocked:	ports that connect() considers and that its sockets keep it from,
 *		but for those that a socket of a wider scope keeps it from too
 * @blocked_tw:	of @blocked, by a socket in TIME_WAIT
 * @next_ms:	when the first TIME_WAIT is due, TWS_NEVER if there is none
 * @age:	TIME_WAIT by whole seconds of age
 * @outlook:	out rows: what is left; once the counting is over
 * @fails:	connect() calls that found no port; once the counting is over
 * @dev_name:	name of the bound device, "" for none; once the counting is over
 */
struct tws_row {
	struct tws_key key;
	u32 sockets;
	u32 count[TWS_NR_STATES];
	u32 reuse;
	u32 blocked;
	u32 blocked_tw;
	u32 next_ms;
	u32 age[TWS_AGE_BINS];
	struct tws_outlook outlook;
	u32 fails;
	char dev_name[IFNAMSIZ];

	/* private: */
	u32 hash;
	u32 chain;
};

/* What a table does with a key that it has no room for. */
enum tws_phase {
	TWS_COUNTING,	/* all keys have had room so far */
	TWS_CANDIDATES,	/* they have not: find the heavy ones */
	TWS_RECOUNTING,	/* second pass: the rest is hidden */
};

/**
 * struct tws_table - counts per key, in bounded memory
 * @rows:	the rows, @nr of them
 * @nr:		number of rows
 * @phase:	see enum tws_phase
 * @short_of_memory: it has room for fewer rows than it was allowed
 * @hidden_sockets: sockets of keys without a row, exact
 *
 * With room for m rows a table shows every key that has more than 1/m of the
 * sockets, and all that it shows is exact. While there is room it simply
 * counts. Once there is none, the first pass goes on as a heavy-hitter summary
 * (Misra and Gries, 1982): a key without a row takes one socket from the weight
 * of every row, and rows without weight make room. Each such step consumes
 * m + 1 sockets, so a key with more than 1/(m + 1) of all sockets keeps some
 * weight whatever the order. A second pass counts what is left from zero, and
 * fills the rest of the room with the keys that come first: what is seen from
 * its first socket on is exact too.
 */
struct tws_table {
	struct tws_row *rows;
	u32 nr;
	enum tws_phase phase;
	bool short_of_memory;
	u64 hidden_sockets;

	/* private: */
	u32 room;
	u32 max_rows;
	u32 seed;
	u32 *heads;
	u32 heads_mask;
	unsigned long *hidden_map;
};

int tws_table_init(struct tws_table *table, u32 max_rows, u32 seed);
void tws_table_free(struct tws_table *table);
const struct tws_row *tws_table_find(const struct tws_table *table,
				     const struct tws_key *key);
struct tws_row *tws_table_row(struct tws_table *table,
			      const struct tws_key *key);
bool tws_table_second_pass(struct tws_table *table);
void tws_table_finish(struct tws_table *table);
u32 tws_table_hidden_at_least(const struct tws_table *table);
size_t tws_table_bytes(const struct tws_table *table);
void tws_row_count(struct tws_row *row, const struct tws_tuple *t);

#endif /* TWS_TABLE_H */
