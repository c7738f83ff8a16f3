// SPDX-License-Identifier: GPL-2.0-only
/* Counts per key in bounded memory. */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "gfp.h"
#include "reuse.h"
#include "stride.h"
#include "table.h"

static void tws_link(struct tws_table *table, struct tws_row *row)
{
	struct tws_row **bucket = tws_bucket(table, row->hash);

	row->chain = *bucket;
	*bucket = row;
}

static void tws_unlink(struct tws_table *table, struct tws_row *row)
{
	struct tws_row **at = tws_bucket(table, row->hash);

	while (*at != row)
		at = &(*at)->chain;
	*at = row->chain;
}

static u32 tws_max_pages(u32 max_rows)
{
	return DIV_ROUND_UP(max_rows + TWS_PINNED_MAX, TWS_PAGE_BUCKETS);
}

static bool tws_add_page(struct tws_table *table)
{
	void *page = (void *)get_zeroed_page(TWS_GFP);

	if (!page)
		return false;
	table->bucket_pages[table->nr_pages++] = page;
	return true;
}

/* One more bucket. Without memory for it the chains become longer, that is all. */
static void tws_split_bucket(struct tws_table *table)
{
	const u32 new = table->nr_buckets;
	struct tws_row *row, *next;

	if (new == table->nr_pages * TWS_PAGE_BUCKETS && !tws_add_page(table))
		return;
	if (new > table->mask)
		table->mask = 2 * table->mask + 1;
	row = *tws_bucket(table, new);
	*tws_bucket(table, new) = NULL;
	table->nr_buckets++;
	for (; row; row = next) {
		next = row->chain;
		tws_link(table, row);
	}
}

static void tws_recent_begin(struct tws_table *table)
{
	table->recent = kzalloc(sizeof(*table->recent), TWS_GFP);
}

/**
 * tws_table_settle() - add to the rows what was counted where they are remembered
 * @table:	the table, after sockets were counted
 */
void tws_table_settle(struct tws_table *table)
{
	if (table->recent)
		tws_recent_settle(table->recent);
}

/* Before a row goes. */
static void tws_recent_end(struct tws_table *table)
{
	tws_table_settle(table);
	kfree(table->recent);
	table->recent = NULL;
}

/**
 * tws_table_init() - make an empty table
 * @table:	the table
 * @max_rows:	how many rows it may have, at least 1
 * @seed:	seed of its hash, which must outlive it; it does not change the result
 *
 * Return: 0 or -ENOMEM.
 */
int tws_table_init(struct tws_table *table, u32 max_rows,
		   const struct tws_hash_seed *seed)
{
	memset(table, 0, sizeof(*table));
	INIT_LIST_HEAD(&table->rows);
	INIT_LIST_HEAD(&table->spare);
	table->max_rows = max_rows;
	table->seed = seed;
	table->bucket_pages = kcalloc(tws_max_pages(max_rows),
				      sizeof(*table->bucket_pages), TWS_GFP);
	if (!table->bucket_pages || !tws_add_page(table))
		return -ENOMEM;
	table->nr_buckets = TWS_PAGE_BUCKETS;
	table->mask = TWS_PAGE_BUCKETS - 1;
	tws_recent_begin(table);
	return 0;
}

static void tws_free_rows(struct list_head *rows, struct tws_breath *breath)
{
	struct tws_row *row, *next;
	u32 seen = 0;

	list_for_each_entry_safe(row, next, rows, list) {
		kfree(row->aside);
		kfree(row);
		tws_rows_breathe(breath, seen++);
	}
	INIT_LIST_HEAD(rows);
}

static void tws_forget_hidden(struct tws_table *table)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table->hidden_map); i++) {
		free_page((unsigned long)table->hidden_map[i]);
		table->hidden_map[i] = NULL;
	}
}

/**
 * tws_table_free() - free what a table holds
 * @table:	the table, also one whose tws_table_init() failed
 *
 * Context: may sleep.
 */
void tws_table_free(struct tws_table *table)
{
	tws_recent_end(table);
	tws_free_rows(&table->rows, NULL);
	tws_free_rows(&table->spare, NULL);
	while (table->nr_pages)
		free_page((unsigned long)table->bucket_pages[--table->nr_pages]);
	kfree(table->bucket_pages);
	tws_forget_hidden(table);
	memset(table, 0, sizeof(*table));
	INIT_LIST_HEAD(&table->rows);
	INIT_LIST_HEAD(&table->spare);
}

static void tws_reset(struct tws_row *row)
{
	row->loopback = tws_on_loopback(&row->key.local, &row->key.remote, row->key.dev);
	row->sockets = 0;
	memset(row->count, 0, sizeof(row->count));
	memset(row->age, 0, sizeof(row->age));
	row->reuse = 0;
	row->blocked = 0;
	row->blocked_tw = 0;
	row->blocked_if = 0;
	row->spared = 0;
	row->spared_if = 0;
	row->blocked_fw2 = 0;
	row->fw2_held = 0;
	if (row->aside)
		memset(row->aside, 0, sizeof(*row->aside));
	row->fails = 0;
	row->clashes = 0;
	memset(&row->outlook, 0, sizeof(row->outlook));
	row->next_ms = TWS_NEVER;
}

/* Its memory is kept for the next row. */
static void tws_drop(struct tws_table *table, struct tws_row *row)
{
	tws_unlink(table, row);
	list_move(&row->list, &table->spare);
	table->nr--;
}

/*
 * A socket without a row takes one socket from the weight of every row, but for those
 * that stay anyway.
 */
static void tws_take_one_each(struct tws_table *table)
{
	struct tws_row *row, *next;
	u32 seen = 0;

	list_for_each_entry_safe(row, next, &table->rows, list) {
		if (!row->pinned && !--row->weight)
			tws_drop(table, row);
		tws_rows_breathe(table->breath, seen++);
	}
	table->hidden_most++;
}

static struct tws_row *tws_new_row(struct tws_table *table)
{
	struct tws_row *row;

	/* docs/security.md */
	BUILD_BUG_ON(sizeof(*row) > 512 || sizeof(*row->aside) > 512);
	/* Lines of 64 bytes: to find a row, to count, to go over the rows. */
	BUILD_BUG_ON(offsetofend(struct tws_row, sockets) > 64 ||
		     offsetofend(struct tws_row, pinned) > 128 ||
		     offsetof(struct tws_row, list) < 128 ||
		     offsetofend(struct tws_row, tie) > 192);

	row = list_first_entry_or_null(&table->spare, struct tws_row, list);
	if (row) {
		list_del(&row->list);
		return row;
	}
	row = kmalloc(sizeof(*row), TWS_GFP);
	if (row)
		row->aside = NULL;
	return row;
}

/**
 * tws_row_aside() - where a row counts what few rows have
 * @table:	its table
 * @row:	the row
 *
 * Context: may sleep and allocate.
 * Return: where, or NULL if there is no memory.
 */
struct tws_aside *tws_row_aside(struct tws_table *table, struct tws_row *row)
{
	if (row->aside)
		return row->aside;
	row->aside = kzalloc(sizeof(*row->aside), TWS_GFP);
	if (row->aside)
		table->nr_asides++;
	return row->aside;
}

/* Return NULL if there is no memory for it. */
static struct tws_row *tws_insert(struct tws_table *table,
				  const struct tws_key *key, u32 hash)
{
	struct tws_row *row;

	row = tws_new_row(table);
	if (!row) {
		table->short_of_memory = true;
		return NULL;
	}
	row->key = *key;
	row->hash = hash;
	row->pinned = false;
	if (table->phase == TWS_CANDIDATES)
		row->weight = 1;
	else
		tws_reset(row);
	if (table->nr >= table->nr_buckets)
		tws_split_bucket(table);
	tws_link(table, row);
	list_add_tail(&row->list, &table->rows);
	table->nr++;
	return row;
}

static bool tws_has_room(const struct tws_table *table)
{
	return table->nr - table->nr_pinned < table->max_rows &&
	       !table->short_of_memory;
}

/* Of the keys without a row, remember some bits of the hash. */
static void tws_remember_hidden(struct tws_table *table, u32 hash)
{
	const u32 bit = hash >> (32 - TWS_HIDDEN_BITS);
	unsigned long **map = &table->hidden_map[bit / TWS_PAGE_BITS];

	if (!*map)
		*map = (unsigned long *)get_zeroed_page(TWS_GFP);
	if (*map)
		__set_bit(bit % TWS_PAGE_BITS, *map);
}

static void tws_hide(struct tws_table *table, const struct tws_key *key,
		     u32 hash)
{
	table->hidden_sockets++;
	if (key->dir == TWS_OUT) {
		table->hidden_out++;
		table->hidden_on_device |= key->dev;
	}
	tws_remember_hidden(table, hash);
}

/* There is no room any more: from now on only weights are counted. */
static void tws_begin_candidates(struct tws_table *table)
{
	struct tws_row *row;
	u32 seen = 0;

	tws_recent_end(table);
	list_for_each_entry(row, &table->rows, list) {
		row->weight = row->sockets;
		tws_rows_breathe(table->breath, seen++);
	}
	table->phase = TWS_CANDIDATES;
}

/**
 * tws_table_add() - add the row of a socket that has none
 * @table:	the table
 * @key:	row of the socket
 * @hash:	hash of the key
 *
 * See tws_table_find_or_add().
 */
struct tws_row *tws_table_add(struct tws_table *table, const struct tws_key *key,
			      u32 hash)
{
	struct tws_row *row = NULL;

	if (tws_has_room(table))
		row = tws_insert(table, key, hash);
	if (row)
		return table->phase == TWS_CANDIDATES ? NULL : row;
	if (table->phase == TWS_RECOUNTING) {
		tws_hide(table, key, hash);
		return NULL;
	}
	if (table->phase == TWS_COUNTING)
		tws_begin_candidates(table);
	tws_take_one_each(table);
	return NULL;
}

/**
 * tws_table_pin() - add a row that stays, with or without sockets
 * @table:	the table, before its first pass
 * @key:	key of the row
 *
 * Context: may sleep and allocate.
 * Return: false if there is no room or no memory for it.
 */
bool tws_table_pin(struct tws_table *table, const struct tws_key *key)
{
	const u32 hash = tws_key_hash(key, table->seed);
	struct tws_row *row;

	if (tws_find(table, key, hash))
		return true;
	if (table->nr_pinned == TWS_PINNED_MAX)
		return false;
	row = tws_insert(table, key, hash);
	if (!row)
		return false;
	row->pinned = true;
	table->nr_pinned++;
	return true;
}

/**
 * tws_table_second_pass() - prepare the second pass if there must be one
 * @table:	the table, after a pass
 *
 * Return: true if some key had no room. All sockets must then be counted once
 * more; there is no third pass.
 */
bool tws_table_second_pass(struct tws_table *table)
{
	struct tws_row *row;
	u32 seen = 0;

	if (table->phase != TWS_CANDIDATES)
		return false;
	list_for_each_entry(row, &table->rows, list) {
		tws_reset(row);
		tws_rows_breathe(table->breath, seen++);
	}
	table->phase = TWS_RECOUNTING;
	tws_recent_begin(table);
	return true;
}

/*
 * Keys with different hashes are different keys. So the number of bits that are
 * set is a lower bound, even if several keys share a bit, or memory for some bits
 * was short.
 */
static u32 tws_hidden_at_least(const struct tws_table *table)
{
	u32 least = 0, i;

	for (i = 0; i < ARRAY_SIZE(table->hidden_map); i++)
		if (table->hidden_map[i])
			least += bitmap_weight(table->hidden_map[i],
					       TWS_PAGE_BITS);
	return table->hidden_sockets ? max(least, 1u) : 0;
}

/**
 * tws_table_finish() - drop what only the passes needed
 * @table:	the table, after its last pass
 *
 * Rows that the second pass found no socket for are dropped too.
 *
 * Context: may sleep.
 */
void tws_table_finish(struct tws_table *table)
{
	struct tws_row *row, *next;
	u32 seen = 0;

	tws_recent_end(table);
	list_for_each_entry_safe(row, next, &table->rows, list) {
		if (!row->sockets && !row->pinned)
			tws_drop(table, row);
		tws_rows_breathe(table->breath, seen++);
	}
	tws_free_rows(&table->spare, table->breath);
	table->hidden_min = tws_hidden_at_least(table);
	tws_forget_hidden(table);
}

/**
 * tws_table_bytes() - memory that a table holds
 * @table:	the table
 */
size_t tws_table_bytes(const struct tws_table *table)
{
	/* kmalloc() has sizes of powers of two. */
	return table->nr * roundup_pow_of_two(sizeof(struct tws_row)) +
	       table->nr_asides * sizeof(struct tws_aside) + table->nr_pages * PAGE_SIZE +
	       tws_max_pages(table->max_rows) * sizeof(*table->bucket_pages);
}
