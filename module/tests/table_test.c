// SPDX-License-Identifier: GPL-2.0-only
/* Counts per key, and what a table promises when there are too many keys. */
#include <linux/mm.h>

#include "samples.h"

/* A stream of sockets, as the numbers of their keys. */
struct stream {
	u32 *keys;
	u32 *real;	/* what is to be found, by number of the key */
	u32 nr;
	u32 nr_keys;
};

static void free_array(void *array)
{
	kvfree(array);
}

static void *array_of(struct kunit *test, u32 nr)
{
	void *array = kvcalloc(nr, sizeof(u32), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_array,
							array), 0);
	return array;
}

static void stream_init(struct kunit *test, struct stream *s, u32 max_nr,
			u32 max_keys)
{
	memset(s, 0, sizeof(*s));
	s->keys = array_of(test, max_nr);
	s->real = array_of(test, max_keys);
}

static void stream_add(struct stream *s, u32 key)
{
	s->keys[s->nr++] = key;
	s->nr_keys += !s->real[key]++;
}

static void put_socket(struct tws_table *table, u32 number)
{
	const struct tws_key key = tws_test_key(number);
	struct tws_tuple t = tws_test_tuple();
	struct tws_row *row = tws_test_row(table, &key);

	/* Keys with odd numbers have TIME_WAITs, to see that these add up. */
	if (number % 2) {
		t.state = TWS_STATE_TIME_WAIT;
		t.left_ms = TWS_LIFE_MS;
	}
	if (row)
		tws_row_add_socket(row, &t);
}

static void put_stream(struct tws_table *table, const struct stream *s)
{
	u32 i;

	for (i = 0; i < s->nr; i++)
		put_socket(table, s->keys[i]);
}

static void count_stream(struct kunit *test, struct tws_table *table,
			 const struct stream *s, u32 max_rows, u32 hash_seed)
{
	KUNIT_ASSERT_EQ(test, tws_table_init(table, max_rows,
					     tws_test_hash(hash_seed)), 0);
	put_stream(table, s);
	if (tws_table_second_pass(table))
		put_stream(table, s);
	tws_table_finish(table);
}

static bool row_is_exact(const struct tws_row *row, u32 real)
{
	const bool tw = tws_test_key_number(&row->key) % 2;

	return real && row->sockets == real &&
	       row->count[tw ? TWS_STATE_TIME_WAIT : TWS_STATE_ESTABLISHED] == real &&
	       row->age[0] == (tw ? real : 0) &&
	       row->next_ms == (tw ? TWS_LIFE_MS : TWS_NEVER);
}

/* All that struct tws_table promises, against the real counts. */
static void expect_promises(struct kunit *test, const struct tws_table *table,
			    const struct stream *s, u32 max_keys, u32 seed)
{
	u32 i, wrong = 0, lost = 0, most = 0, hidden_keys = s->nr_keys - table->nr;
	u32 lower_bound = table->hidden_min;
	const struct tws_row *row;
	u64 shown = 0, rows = 0;

	KUNIT_EXPECT_LE_MSG(test, table->nr, table->max_rows, "seed=%u", seed);
	KUNIT_EXPECT_FALSE(test, table->short_of_memory);
	list_for_each_entry(row, &table->rows, list) {
		wrong += !row_is_exact(row,
				       s->real[tws_test_key_number(&row->key)]);
		shown += row->sockets;
		rows++;
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, rows, (u64)table->nr, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, shown + table->hidden_sockets, (u64)s->nr,
			    "seed=%u", seed);

	for (i = 0; i < max_keys; i++) {
		const struct tws_key key = tws_test_key(i);

		if (tws_table_find(table, &key))
			continue;
		lost += (u64)s->real[i] * table->max_rows > s->nr;
		most = max(most, s->real[i]);
	}
	KUNIT_EXPECT_EQ_MSG(test, lost, 0, "seed=%u", seed);
	/* A key without a row has no more than is said, and that is not much. */
	KUNIT_EXPECT_LE_MSG(test, (u64)most, table->hidden_most, "seed=%u",
			    seed);
	KUNIT_EXPECT_LE_MSG(test, table->hidden_most,
			    (u64)s->nr / (table->max_rows + 1), "seed=%u", seed);

	/* Of a million bits few are shared: the bound is not far off. */
	KUNIT_EXPECT_LE_MSG(test, lower_bound, hidden_keys, "seed=%u", seed);
	KUNIT_EXPECT_GE_MSG(test, lower_bound + 1 + hidden_keys / 8,
			    hidden_keys, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, !lower_bound, !table->hidden_sockets, "seed=%u",
			    seed);
}

/* Three sockets of one key, one of another: two rows, nothing hidden. */
static void counts_each_key(struct kunit *test)
{
	const struct tws_key seven = tws_test_key(7), eight = tws_test_key(8);
	const struct tws_key nine = tws_test_key(9);
	struct tws_table table;

	KUNIT_ASSERT_EQ(test, tws_table_init(&table, 4096,
					     tws_test_hash(1)), 0);
	put_socket(&table, 7);
	put_socket(&table, 8);
	put_socket(&table, 7);
	put_socket(&table, 7);
	KUNIT_EXPECT_FALSE(test, tws_table_second_pass(&table));
	tws_table_finish(&table);
	KUNIT_EXPECT_EQ(test, table.nr, 2);
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&table, &seven));
	KUNIT_EXPECT_EQ(test, tws_table_find(&table, &seven)->sockets, 3);
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&table, &eight));
	KUNIT_EXPECT_EQ(test, tws_table_find(&table, &eight)->sockets, 1);
	KUNIT_EXPECT_NULL(test, tws_table_find(&table, &nine));
	KUNIT_EXPECT_EQ(test, table.hidden_sockets, 0);
	KUNIT_EXPECT_EQ(test, table.hidden_min, 0);
	tws_table_free(&table);
}

/* No socket at all: no row, no second pass. */
static void empty_table(struct kunit *test)
{
	const struct tws_key key = tws_test_key(1);
	struct tws_table table;

	KUNIT_ASSERT_EQ(test, tws_table_init(&table, 16,
					     tws_test_hash(1)), 0);
	KUNIT_EXPECT_NULL(test, tws_table_find(&table, &key));
	KUNIT_EXPECT_FALSE(test, tws_table_second_pass(&table));
	tws_table_finish(&table);
	KUNIT_EXPECT_EQ(test, table.nr, 0);
	tws_table_free(&table);
}

/*
 * 512 buckets to begin with, then one more for each row: 512, 513 keys, the end of a
 * round of splitting, a new page of buckets, and as many keys as are allowed.
 */
static void grows(struct kunit *test)
{
	static const u32 nr_keys[] = { 512, 513, 1023, 1024, 1025, 1537, 4096 };
	const u32 max_keys = 4096;
	int i;

	for (i = 0; i < ARRAY_SIZE(nr_keys); i++) {
		struct tws_table table;
		struct stream s;
		u32 j;

		stream_init(test, &s, 2 * max_keys, max_keys);
		for (j = 0; j < nr_keys[i]; j++)
			stream_add(&s, j);
		for (j = nr_keys[i]; j-- > 0;)
			stream_add(&s, j);
		count_stream(test, &table, &s, max_keys, 1);
		KUNIT_EXPECT_EQ(test, table.nr, nr_keys[i]);
		KUNIT_EXPECT_EQ(test, table.hidden_sockets, 0);
		expect_promises(test, &table, &s, max_keys, 0);
		tws_table_free(&table);
	}
}

/* Exactly as many keys as rows need no second pass, one more does. */
static void full_and_one_more(struct kunit *test)
{
	struct tws_table table;
	u32 i;

	KUNIT_ASSERT_EQ(test, tws_table_init(&table, 100,
					     tws_test_hash(1)), 0);
	for (i = 0; i < 100; i++)
		put_socket(&table, i);
	KUNIT_EXPECT_EQ(test, table.phase, TWS_COUNTING);
	put_socket(&table, 100);
	KUNIT_EXPECT_TRUE(test, tws_table_second_pass(&table));
	for (i = 0; i <= 100; i++)
		put_socket(&table, i);
	KUNIT_EXPECT_FALSE(test, tws_table_second_pass(&table));
	tws_table_finish(&table);
	KUNIT_EXPECT_EQ(test, table.nr, 100);
	KUNIT_EXPECT_EQ(test, table.hidden_sockets, 1);
	KUNIT_EXPECT_EQ(test, table.hidden_min, 1);
	tws_table_free(&table);
}

enum order { HEAVY_FIRST, HEAVY_LAST, HEAVY_BETWEEN, HEAVY_AT_BOTH_ENDS };

#define CRAWLED		100000
#define HEAVY		3

/*
 * 100,000 connections to as many places, and three places with just more than
 * sockets/max_rows each: h * m > singles + 3 * h.
 */
static void crawler(struct kunit *test, u32 max_rows, enum order order)
{
	const u32 each = CRAWLED / (max_rows - HEAVY) + 1;
	const u32 heavy = HEAVY * each;
	struct tws_table table;
	u32 i, singles = 0;
	struct stream s;

	stream_init(test, &s, CRAWLED + heavy, CRAWLED + HEAVY);
	for (i = 0; i < heavy; i++) {
		const u32 wanted =
			order == HEAVY_LAST ? CRAWLED :
			order == HEAVY_BETWEEN ? (u64)CRAWLED * i / heavy :
			order == HEAVY_AT_BOTH_ENDS ?
			(i % 2 ? CRAWLED : 0) : 0;

		/* Those at both ends: the even ones first, then the singles. */
		if (order == HEAVY_AT_BOTH_ENDS && wanted)
			continue;
		while (singles < wanted)
			stream_add(&s, HEAVY + singles++);
		stream_add(&s, i % HEAVY);
	}
	while (singles < CRAWLED)
		stream_add(&s, HEAVY + singles++);
	while (s.nr < CRAWLED + heavy)
		for (i = 0; i < HEAVY; i++)
			if (s.real[i] < each)
				stream_add(&s, i);

	count_stream(test, &table, &s, max_rows, 0x5eed);
	for (i = 0; i < HEAVY; i++) {
		const struct tws_key key = tws_test_key(i);

		KUNIT_EXPECT_EQ(test, s.real[i], each);
		KUNIT_EXPECT_NOT_NULL_MSG(test, tws_table_find(&table, &key),
					  "max_rows %u", max_rows);
	}
	KUNIT_EXPECT_GT(test, table.hidden_sockets, 0);
	expect_promises(test, &table, &s, CRAWLED + HEAVY, 0);
	tws_table_free(&table);
}

static void crawler_all_sizes(struct kunit *test, enum order order)
{
	crawler(test, 16, order);
	crawler(test, 64, order);
	crawler(test, 4096, order);
}

/* The heavy ones were there before the crawler came. */
static void crawler_after_the_heavy(struct kunit *test)
{
	crawler_all_sizes(test, HEAVY_FIRST);
}

/* They come when the table has long been full. */
static void crawler_before_the_heavy(struct kunit *test)
{
	crawler_all_sizes(test, HEAVY_LAST);
}

/* They come evenly among the others. */
static void crawler_among_the_heavy(struct kunit *test)
{
	crawler_all_sizes(test, HEAVY_BETWEEN);
}

/* Half of them before, half of them after. */
static void crawler_in_the_middle(struct kunit *test)
{
	crawler_all_sizes(test, HEAVY_AT_BOTH_ENDS);
}

/*
 * Room for one row: five of nine sockets have one key. It is found when they
 * alternate with others, which is the worst order.
 */
static void one_row(struct kunit *test)
{
	const struct tws_key heavy = tws_test_key(0);
	struct tws_table table;
	struct stream s;
	u32 i;

	stream_init(test, &s, 9, 9);
	for (i = 0; i < 9; i++)
		stream_add(&s, i % 2 ? i : 0);
	count_stream(test, &table, &s, 1, 1);
	KUNIT_EXPECT_EQ(test, table.nr, 1);
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&table, &heavy));
	KUNIT_EXPECT_EQ(test, tws_table_find(&table, &heavy)->sockets, 5);
	KUNIT_EXPECT_EQ(test, table.hidden_sockets, 4);
	expect_promises(test, &table, &s, 9, 0);
	tws_table_free(&table);
}

/* Room for one row, one socket: nothing special. */
static void one_row_one_socket(struct kunit *test)
{
	struct tws_table table;
	struct stream s;

	stream_init(test, &s, 1, 1);
	stream_add(&s, 0);
	count_stream(test, &table, &s, 1, 1);
	KUNIT_EXPECT_EQ(test, table.nr, 1);
	expect_promises(test, &table, &s, 1, 0);
	tws_table_free(&table);
}

/*
 * Between the passes all connections end and 20 others begin: the rows of the
 * first are gone, what is shown and hidden is of the second pass alone.
 */
static void all_change_between_the_passes(struct kunit *test)
{
	const struct tws_row *row;
	struct tws_table table;
	u64 shown = 0;
	u32 i;

	KUNIT_ASSERT_EQ(test, tws_table_init(&table, 8,
					     tws_test_hash(1)), 0);
	/* Eight heavy keys and a light one: eight candidates remain. */
	for (i = 0; i < 8 * 10; i++)
		put_socket(&table, i % 8);
	put_socket(&table, 8);
	KUNIT_ASSERT_TRUE(test, tws_table_second_pass(&table));
	KUNIT_EXPECT_EQ(test, table.nr, 8);
	for (i = 0; i < 20; i++)
		put_socket(&table, 100 + i);
	put_socket(&table, 3);
	tws_table_finish(&table);

	list_for_each_entry(row, &table.rows, list) {
		KUNIT_EXPECT_GT(test, row->sockets, 0);
		shown += row->sockets;
	}
	KUNIT_EXPECT_EQ(test, shown + table.hidden_sockets, 21);
	KUNIT_EXPECT_EQ(test, table.hidden_min,
			(u32)table.hidden_sockets);
	KUNIT_ASSERT_EQ(test, table.nr, 1);
	row = list_first_entry(&table.rows, struct tws_row, list);
	KUNIT_EXPECT_EQ(test, tws_test_key_number(&row->key), 3);
	tws_table_free(&table);
}

/* Whatever the seed of the hash, the same text: here, the same rows. */
static void seed_of_the_hash(struct kunit *test)
{
	struct stream s;
	u32 i, hash_seed;

	stream_init(test, &s, 1000, 300);
	for (i = 0; i < 1000; i++)
		stream_add(&s, i * i % 300);
	for (hash_seed = 0; hash_seed < 20; hash_seed++) {
		struct tws_table table;

		count_stream(test, &table, &s, 300, hash_seed);
		KUNIT_EXPECT_EQ(test, table.nr, s.nr_keys);
		expect_promises(test, &table, &s, 300, hash_seed);
		tws_table_free(&table);
	}
}

#define STREAMS		3000
#define STREAM_MAX	400
#define KEYS_MAX	120

/* A stream with keys that are not equally frequent, in lots or at random. */
static void random_stream(struct stream *s, struct rnd_state *random)
{
	const u32 nr = tws_test_below(random, STREAM_MAX + 1);
	const u32 nr_keys = 1 + tws_test_below(random, KEYS_MAX);
	const u32 lot = 1 + tws_test_below(random, 8);
	u32 key = 0;

	s->nr = 0;
	s->nr_keys = 0;
	memset(s->real, 0, KEYS_MAX * sizeof(*s->real));
	while (s->nr < nr) {
		if (s->nr % lot == 0)
			key = tws_test_below(random,
					     1 + tws_test_below(random,
								nr_keys));
		stream_add(s, key);
	}
}

/* 3,000 random streams of up to 400 sockets in tables of 1 to 40 rows. */
static void random_streams(struct kunit *test)
{
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	u32 i, overflows = 0;
	struct stream s;

	stream_init(test, &s, STREAM_MAX, KEYS_MAX);
	for (i = 0; i < STREAMS; i++) {
		struct tws_table table;

		random_stream(&s, &random);
		count_stream(test, &table, &s, 1 + tws_test_below(&random, 40),
			     prandom_u32_state(&random));
		overflows += !!table.hidden_sockets;
		expect_promises(test, &table, &s, KEYS_MAX, seed);
		tws_table_free(&table);
	}
	/* The examples are about something. */
	KUNIT_EXPECT_GT(test, overflows, STREAMS / 10);
}

static struct kunit_case table_cases[] = {
	KUNIT_CASE(counts_each_key),
	KUNIT_CASE(empty_table),
	KUNIT_CASE(grows),
	KUNIT_CASE(full_and_one_more),
	KUNIT_CASE_SLOW(crawler_after_the_heavy),
	KUNIT_CASE_SLOW(crawler_before_the_heavy),
	KUNIT_CASE_SLOW(crawler_among_the_heavy),
	KUNIT_CASE_SLOW(crawler_in_the_middle),
	KUNIT_CASE(one_row),
	KUNIT_CASE(one_row_one_socket),
	KUNIT_CASE(all_change_between_the_passes),
	KUNIT_CASE(seed_of_the_hash),
	KUNIT_CASE_SLOW(random_streams),
	{}
};

static struct kunit_suite table_suite = {
	.name = "tw_table",
	.test_cases = table_cases,
};

kunit_test_suite(table_suite);
