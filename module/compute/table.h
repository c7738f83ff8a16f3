/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_TABLE_H
#define TWS_TABLE_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "classify.h"
#include "fetch.h"
#include "keyhash.h"
#include "recent.h"
#include "row.h"

struct tws_breath;

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
 * @breath:	begun by who goes over the rows; or NULL
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
	struct tws_breath *breath;

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
	tws_fetch(tws_bucket(table, hash));
}

/**
 * tws_table_fetch_row() - fetch from memory the row that is probably looked for
 * @table:	the table
 * @hash:	hash of its key
 * @t:		a socket of it
 */
static inline void tws_table_fetch_row(const struct tws_table *table, u32 hash,
				       const struct tws_tuple *t)
{
	tws_row_fetch(*tws_bucket(table, hash), t);
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
 * Return: the row, valid until the next call; NULL if the table has counted the socket as
 * hidden, or as a weight: then nothing else of it need be counted.
 */
static inline struct tws_row *tws_table_find_or_add(struct tws_table *table,
						    const struct tws_key *key,
						    u32 hash)
{
	struct tws_row *row = tws_find(table, key, hash);

	if (!row)
		return tws_table_add(table, key, hash);
	if (unlikely(table->phase == TWS_CANDIDATES)) {
		row->weight++;
		return NULL;
	}
	return row;
}

#endif /* TWS_TABLE_H */
