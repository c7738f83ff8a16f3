// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts per key in bounded memory. It allocates when the number of keys has
 * doubled, never for a single socket.
 */
#include <linux/bitmap.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "table.h"

#define TWS_TABLE_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN)
/* Rows that there is room for at first. */
#define TWS_ROOM	64u
/* End of a hash chain. */
#define TWS_NO_ROW	U32_MAX
/* Keys without a row are told apart by this many bits of their hash. */
#define TWS_HIDDEN_BITS	20

static u32 tws_hash(const struct tws_table *table, const struct tws_key *key)
{
	BUILD_BUG_ON(sizeof(*key) % sizeof(u32));

	return jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), table->seed);
}

static void tws_link(struct tws_table *table, u32 index)
{
	struct tws_row *row = &table->rows[index];
	u32 *head = &table->heads[row->hash & table->heads_mask];

	row->chain = *head;
	*head = index;
}

static void tws_relink(struct tws_table *table)
{
	u32 i;

	memset32(table->heads, TWS_NO_ROW, table->heads_mask + 1);
	for (i = 0; i < table->nr; i++)
		tws_link(table, i);
}

/* Make room for @room rows. If memory is short the table stays as it was. */
static bool tws_grow(struct tws_table *table, u32 room)
{
	const u32 nr_heads = roundup_pow_of_two(room);
	struct tws_row *rows;
	u32 *heads;

	rows = kvmalloc_array(room, sizeof(*rows), TWS_TABLE_GFP);
	heads = kvmalloc_array(nr_heads, sizeof(*heads), TWS_TABLE_GFP);
	if (!rows || !heads) {
		kvfree(rows);
		kvfree(heads);
		return false;
	}
	if (table->nr)
		memcpy(rows, table->rows, table->nr * sizeof(*rows));
	kvfree(table->rows);
	kvfree(table->heads);
	table->rows = rows;
	table->heads = heads;
	table->heads_mask = nr_heads - 1;
	table->room = room;
	tws_relink(table);
	return true;
}

/**
 * tws_table_init() - make an empty table
 * @table:	the table
 * @max_rows:	how many rows it may have, at least 1
 * @seed:	seed of its hash; it does not change the result
 *
 * Return: 0 or -ENOMEM.
 */
int tws_table_init(struct tws_table *table, u32 max_rows, u32 seed)
{
	memset(table, 0, sizeof(*table));
	table->max_rows = max_rows;
	table->seed = seed;
	return tws_grow(table, min(max_rows, TWS_ROOM)) ? 0 : -ENOMEM;
}

/**
 * tws_table_free() - free what a table holds
 * @table:	the table, also one whose tws_table_init() failed
 */
void tws_table_free(struct tws_table *table)
{
	kvfree(table->rows);
	kvfree(table->heads);
	kvfree(table->hidden_map);
	memset(table, 0, sizeof(*table));
}

static struct tws_row *tws_find(const struct tws_table *table,
				const struct tws_key *key, u32 hash)
{
	u32 i = table->heads[hash & table->heads_mask];

	while (i != TWS_NO_ROW) {
		struct tws_row *row = &table->rows[i];

		if (row->hash == hash && !memcmp(&row->key, key, sizeof(*key)))
			return row;
		i = row->chain;
	}
	return NULL;
}

/**
 * tws_table_find() - find a row
 * @table:	the table
 * @key:	key of the row
 *
 * Return: the row, or NULL.
 */
const struct tws_row *tws_table_find(const struct tws_table *table,
				     const struct tws_key *key)
{
	return tws_find(table, key, tws_hash(table, key));
}

static bool tws_has_room(struct tws_table *table)
{
	if (table->nr < table->room)
		return true;
	if (table->room == table->max_rows || table->short_of_memory)
		return false;
	if (tws_grow(table, min(table->room * 2, table->max_rows)))
		return true;
	table->short_of_memory = true;
	return false;
}

static void tws_reset(struct tws_row *row)
{
	row->sockets = 0;
	memset(row->count, 0, sizeof(row->count));
	memset(row->age, 0, sizeof(row->age));
	row->reuse = 0;
	row->blocked = 0;
	row->blocked_tw = 0;
	row->spared = 0;
	row->fails = 0;
	memset(&row->outlook, 0, sizeof(row->outlook));
	row->next_ms = TWS_NEVER;
}

static struct tws_row *tws_insert(struct tws_table *table,
				  const struct tws_key *key, u32 hash)
{
	const u32 index = table->nr++;
	struct tws_row *row = &table->rows[index];

	row->key = *key;
	row->hash = hash;
	tws_reset(row);
	tws_link(table, index);
	return row;
}

/* Keep the rows with sockets, in their order. */
static void tws_drop_empty(struct tws_table *table)
{
	u32 from, to = 0;

	for (from = 0; from < table->nr; from++) {
		if (!table->rows[from].sockets)
			continue;
		if (to != from)
			table->rows[to] = table->rows[from];
		to++;
	}
	if (to == table->nr)
		return;
	table->nr = to;
	tws_relink(table);
}

/* A socket without a row takes one socket from the weight of every row. */
static void tws_take_one_each(struct tws_table *table)
{
	u32 i;

	for (i = 0; i < table->nr; i++)
		table->rows[i].sockets--;
	tws_drop_empty(table);
	table->hidden_most++;
}

static void tws_hide(struct tws_table *table, const struct tws_key *key,
		     u32 hash)
{
	table->hidden_sockets++;
	if (key->dir == TWS_OUT) {
		table->hidden_out++;
		table->hidden_on_device |= key->dev;
	}
	if (table->hidden_map)
		__set_bit(hash >> (32 - TWS_HIDDEN_BITS), table->hidden_map);
}

/**
 * tws_table_find_or_add() - find the row of a socket, or add it
 * @table:	the table
 * @key:	row of the socket
 *
 * To be called once for every socket of a pass, in any order.
 *
 * Context: may sleep and allocate.
 * Return: the row, valid until the next call; NULL if there is no room for it,
 * and then the table has counted the socket as hidden or as a weight.
 */
struct tws_row *tws_table_find_or_add(struct tws_table *table,
				      const struct tws_key *key)
{
	const u32 hash = tws_hash(table, key);
	struct tws_row *row = tws_find(table, key, hash);

	if (row)
		return row;
	if (tws_has_room(table))
		return tws_insert(table, key, hash);

	if (table->phase == TWS_RECOUNTING) {
		tws_hide(table, key, hash);
	} else {
		table->phase = TWS_CANDIDATES;
		tws_take_one_each(table);
	}
	return NULL;
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
	u32 i;

	if (table->phase != TWS_CANDIDATES)
		return false;
	for (i = 0; i < table->nr; i++)
		tws_reset(&table->rows[i]);
	table->hidden_map = kvcalloc(BITS_TO_LONGS(1ul << TWS_HIDDEN_BITS),
				     sizeof(long), TWS_TABLE_GFP);
	table->phase = TWS_RECOUNTING;
	return true;
}

/*
 * Keys with different hashes are different keys. So the number of bits that are
 * set is a lower bound, even if several keys share a bit.
 */
static u32 tws_hidden_at_least(const struct tws_table *table)
{
	if (!table->hidden_sockets)
		return 0;
	if (!table->hidden_map)
		return 1;
	return bitmap_weight(table->hidden_map, 1u << TWS_HIDDEN_BITS);
}

/**
 * tws_table_finish() - drop what only the passes needed
 * @table:	the table, after its last pass
 *
 * Rows that the second pass found no socket for are dropped too.
 */
void tws_table_finish(struct tws_table *table)
{
	tws_drop_empty(table);
	table->hidden_min = tws_hidden_at_least(table);
	kvfree(table->hidden_map);
	table->hidden_map = NULL;
}

/**
 * tws_table_bytes() - memory that a table holds
 * @table:	the table
 */
size_t tws_table_bytes(const struct tws_table *table)
{
	size_t bytes = (size_t)table->room * sizeof(*table->rows);

	if (table->heads)
		bytes += (table->heads_mask + 1) * sizeof(*table->heads);
	if (table->hidden_map)
		bytes += BITS_TO_LONGS(1ul << TWS_HIDDEN_BITS) * sizeof(long);
	return bytes;
}

/**
 * tws_row_add_socket() - count a socket
 * @row:	its row
 * @t:		the socket
 */
void tws_row_add_socket(struct tws_row *row, const struct tws_tuple *t)
{
	row->sockets++;
	row->count[t->state]++;
	if (t->state == TWS_STATE_TIME_WAIT) {
		row->age[tws_age_bin(t->left_ms)]++;
		row->next_ms = min(row->next_ms, t->left_ms);
	}
}
