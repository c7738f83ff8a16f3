// SPDX-License-Identifier: GPL-2.0-only
/* Items by key in bounded memory, which comes from a reserve. */
#include <linux/string.h>

#include "compute/memo.h"
#include "samples.h"

struct note {
	struct tws_memo_item item;
	u32 key;
	u32 value;
};

/* So many chunks a full memo of these takes. */
#define CHUNKS_OF_ALL	TWS_MEMO_CHUNKS_FOR(TWS_MEMO_ITEMS, sizeof(struct note))
#define IN_CHUNK	(TWS_CHUNK_BYTES / sizeof(struct note))

struct notes {
	struct tws_memo memo;
	struct note few[TWS_MEMO_FEW];
};

static void end_notes(void *notes)
{
	tws_memo_end(&((struct notes *)notes)->memo);
}

static struct notes *notes_with(struct kunit *test, struct tws_reserve *reserve)
{
	struct notes *notes = kunit_kzalloc(test, sizeof(*notes), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, notes);
	tws_memo_init(&notes->memo, 1, TWS_MEMO_ITEMS, notes->few, sizeof(struct note),
		      sizeof(u32), reserve);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_notes, notes), 0);
	return notes;
}

/* Use the note of a key, or add it. True if another one was forgotten. */
static bool note_as(struct notes *notes, u32 key, bool lasting)
{
	struct note *note;
	unsigned long flags;
	bool forgot;

	raw_spin_lock_irqsave(&notes->memo.lock, flags);
	note = tws_memo_find_or_add(&notes->memo, &key, &forgot);
	tws_memo_use(&notes->memo, note, lasting);
	note->value++;
	raw_spin_unlock_irqrestore(&notes->memo.lock, flags);
	return forgot;
}

static bool note(struct notes *notes, u32 key)
{
	return note_as(notes, key, false);
}

/* 0 if there is none. */
static u32 value_of(struct notes *notes, u32 key)
{
	const struct note *note;
	unsigned long flags;
	u32 value;

	raw_spin_lock_irqsave(&notes->memo.lock, flags);
	note = tws_memo_find(&notes->memo, &key);
	value = note ? note->value : 0;
	raw_spin_unlock_irqrestore(&notes->memo.lock, flags);
	return value;
}

/* Keys @from to @to - 1 that are not there with this value. */
static u32 wrong(struct notes *notes, u32 from, u32 to, u32 value)
{
	u32 key, nr = 0;

	for (key = from; key < to; key++)
		nr += value_of(notes, key) != value;
	return nr;
}

/* Add keys @from to @to - 1. Return how many others were forgotten. */
static u32 note_all(struct notes *notes, u32 from, u32 to)
{
	u32 key, forgotten = 0;

	for (key = from; key < to; key++)
		forgotten += note(notes, key);
	return forgotten;
}

/* 512 have room. The next ones take the places of those that were not used for longest. */
static void forgets_at_the_bound(struct kunit *test)
{
	struct notes *notes = notes_with(test, tws_test_reserve(test));

	KUNIT_EXPECT_EQ(test, note_all(notes, 0, 512), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 0, 512, 1), 0);
	KUNIT_EXPECT_FALSE(test, note(notes, 0));
	KUNIT_EXPECT_TRUE(test, note(notes, 512));
	KUNIT_EXPECT_EQ(test, value_of(notes, 0), 2);
	KUNIT_EXPECT_EQ(test, value_of(notes, 1), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 2, 513, 1), 0);
	KUNIT_EXPECT_TRUE(test, note(notes, 513));
	KUNIT_EXPECT_EQ(test, value_of(notes, 2), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 3, 514, 1), 0);
}

/* A lasting one makes room when all are; then the one that was not used for longest. */
static void lasting_ones_stay(struct kunit *test)
{
	struct notes *notes = notes_with(test, tws_test_reserve(test));
	u32 key;

	note_as(notes, 0, true);
	note_as(notes, 1, true);
	KUNIT_EXPECT_EQ(test, note_all(notes, 2, 1000), 1000 - 512);
	KUNIT_EXPECT_EQ(test, wrong(notes, 0, 2, 1), 0);
	note_as(notes, 0, true);
	for (key = 1000; key < 1510; key++)
		KUNIT_EXPECT_TRUE(test, note_as(notes, key, true));
	KUNIT_EXPECT_EQ(test, value_of(notes, 1), 1);
	KUNIT_EXPECT_EQ(test, value_of(notes, 0), 2);
	/* Whatever it becomes, it takes the place of a lasting one now. */
	note(notes, 1510);
	KUNIT_EXPECT_EQ(test, value_of(notes, 1), 0);
	KUNIT_EXPECT_EQ(test, value_of(notes, 0), 2);
	/* And makes room first. */
	note_as(notes, 1511, true);
	KUNIT_EXPECT_EQ(test, value_of(notes, 1510), 0);
	KUNIT_EXPECT_EQ(test, value_of(notes, 0), 2);
}

static u32 wanted;

static void count_wanted(struct tws_reserve *reserve)
{
	wanted++;
}

/* Empty, and who wants a chunk is counted. */
static struct tws_reserve *empty_reserve(struct kunit *test)
{
	struct tws_reserve *reserve = tws_test_reserve(test);

	tws_reserve_drain(reserve);
	reserve->wanted = count_wanted;
	wanted = 0;
	return reserve;
}

/* Eight need no memory. The ninth asks for some, and takes the place of the oldest. */
static void works_without_a_reserve(struct kunit *test)
{
	struct tws_reserve *reserve = empty_reserve(test);
	struct notes *notes = notes_with(test, reserve);

	KUNIT_EXPECT_EQ(test, note_all(notes, 0, 8), 0);
	KUNIT_EXPECT_EQ(test, wanted, 0);
	note(notes, 0);
	KUNIT_EXPECT_TRUE(test, note(notes, 8));
	KUNIT_EXPECT_EQ(test, wanted, 1);
	KUNIT_EXPECT_EQ(test, value_of(notes, 0), 2);
	KUNIT_EXPECT_EQ(test, value_of(notes, 1), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 2, 9, 1), 0);
	/* What is there already needs none. */
	note(notes, 8);
	KUNIT_EXPECT_EQ(test, wanted, 1);
}

/* It grows once there is memory, and what it knows stays. Each chunk is told. */
static void grows_when_refilled(struct kunit *test)
{
	struct tws_reserve *reserve = empty_reserve(test);
	struct notes *notes = notes_with(test, reserve);

	KUNIT_EXPECT_EQ(test, note_all(notes, 0, 20), 12);
	KUNIT_ASSERT_TRUE(test, tws_reserve_fill(reserve));
	wanted = 0;
	KUNIT_EXPECT_EQ(test, note_all(notes, 20, 20 + 504), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 12, 20 + 504, 1), 0);
	KUNIT_EXPECT_EQ(test, wanted, CHUNKS_OF_ALL);
	/* At the bound it wants no more. */
	KUNIT_EXPECT_EQ(test, note_all(notes, 1000, 1100), 100);
	KUNIT_EXPECT_EQ(test, wanted, CHUNKS_OF_ALL);
}

/* A reserve gives what it has; filling brings what is missing, and no more. */
static void fills_a_reserve(struct kunit *test)
{
	/* The module has a reserve of its own. */
	const u64 others = tws_chunk_bytes();
	struct tws_reserve *reserve = tws_test_reserve(test);
	const u64 all = TWS_RESERVE_CHUNKS * TWS_CHUNK_BYTES, before = tws_chunk_bytes();
	void *chunks[2] = { tws_reserve_take(reserve), tws_reserve_take(reserve) };

	KUNIT_EXPECT_EQ(test, before, others + all);
	KUNIT_EXPECT_TRUE(test, chunks[0] && chunks[1] && chunks[0] != chunks[1]);
	KUNIT_EXPECT_EQ(test, tws_reserve_bytes(reserve), all - 2 * TWS_CHUNK_BYTES);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), before);
	KUNIT_EXPECT_TRUE(test, tws_reserve_fill(reserve));
	KUNIT_EXPECT_TRUE(test, tws_reserve_fill(reserve));
	KUNIT_EXPECT_EQ(test, tws_reserve_bytes(reserve), all);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), before + 2 * TWS_CHUNK_BYTES);
	tws_chunk_free(chunks[0]);
	tws_chunk_free(chunks[1]);
	tws_reserve_drain(reserve);
	KUNIT_EXPECT_PTR_EQ(test, tws_reserve_take(reserve), NULL);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), others);
}

/* All memory comes back, and it begins anew. */
static void reset_gives_all_back(struct kunit *test)
{
	struct tws_reserve *reserve = tws_test_reserve(test);
	struct notes *notes = notes_with(test, reserve);
	const u64 taken = CHUNKS_OF_ALL * TWS_CHUNK_BYTES;
	const u64 before = tws_chunk_bytes();

	note_all(notes, 0, 600);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), before);
	tws_memo_reset(&notes->memo);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), before - taken);
	KUNIT_EXPECT_EQ(test, wrong(notes, 0, 600, 0), 0);
	KUNIT_EXPECT_EQ(test, note_all(notes, 0, 8 + IN_CHUNK), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 0, 8 + IN_CHUNK, 1), 0);
}

/* Once a memo has ended, what still comes finds a place among the few. */
static void takes_nothing_at_its_end(struct kunit *test)
{
	const u64 others = tws_chunk_bytes();
	struct tws_reserve *reserve = tws_test_reserve(test);
	struct notes *notes = notes_with(test, reserve);
	u64 left;

	note_all(notes, 0, 600);
	left = tws_reserve_bytes(reserve);
	tws_memo_end(&notes->memo);
	KUNIT_EXPECT_EQ(test, tws_chunk_bytes(), others + left);
	KUNIT_EXPECT_EQ(test, note_all(notes, 0, 100), 92);
	KUNIT_EXPECT_EQ(test, wrong(notes, 92, 100, 1), 0);
	KUNIT_EXPECT_EQ(test, tws_reserve_bytes(reserve), left);
}

/* How often each key up to @keys was read; @between is called after each few. */
static u8 *read_all(struct kunit *test, struct notes *notes, u32 keys,
		    void (*between)(struct notes *notes))
{
	u8 *times = kunit_kzalloc(test, keys, GFP_KERNEL);
	struct note few[TWS_MEMO_FEW];
	struct tws_memo_reader reader;
	unsigned int nr, i;

	KUNIT_ASSERT_NOT_NULL(test, times);
	tws_memo_read(&notes->memo, &reader);
	while ((nr = tws_memo_copy(&notes->memo, &reader, few))) {
		KUNIT_ASSERT_LE(test, nr, TWS_MEMO_FEW);
		for (i = 0; i < nr; i++) {
			KUNIT_ASSERT_LT(test, few[i].key, keys);
			times[few[i].key]++;
		}
		between(notes);
	}
	return times;
}

static void nothing_happens(struct notes *notes)
{
}

static void reads_each_once(struct kunit *test)
{
	struct notes *notes = notes_with(test, tws_test_reserve(test));
	const u32 sizes[] = { 0, 1, 8, 9, 8 + IN_CHUNK, 9 + IN_CHUNK, 511, 512 };
	u32 i, key;
	u8 *times;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		note_all(notes, 0, sizes[i]);
		times = read_all(test, notes, 512, nothing_happens);
		for (key = 0; key < 512; key++)
			KUNIT_EXPECT_EQ(test, times[key], key < sizes[i]);
	}
}

/* Once: the first eight are forgotten, and take the places of the next eight. */
static void first_eight_come_again(struct notes *notes)
{
	if (value_of(notes, 1000))
		return;
	note_all(notes, 1000, 1008);
	note_all(notes, 0, 8);
}

/* A key that was read, and then got a place that was not, is read once. */
static void reads_none_twice(struct kunit *test)
{
	struct notes *notes = notes_with(test, tws_test_reserve(test));
	u32 key;
	u8 *times;

	note_all(notes, 0, 512);
	times = read_all(test, notes, 512, first_eight_come_again);
	for (key = 0; key < 512; key++)
		KUNIT_EXPECT_EQ(test, times[key], key < 8 || key >= 16);
	KUNIT_EXPECT_EQ(test, wrong(notes, 0, 8, 1), 0);
	KUNIT_EXPECT_EQ(test, wrong(notes, 8, 16, 0), 0);
}

static struct kunit_case memo_cases[] = {
	KUNIT_CASE(forgets_at_the_bound),
	KUNIT_CASE(lasting_ones_stay),
	KUNIT_CASE(works_without_a_reserve),
	KUNIT_CASE(grows_when_refilled),
	KUNIT_CASE(fills_a_reserve),
	KUNIT_CASE(reset_gives_all_back),
	KUNIT_CASE(takes_nothing_at_its_end),
	KUNIT_CASE(reads_each_once),
	KUNIT_CASE(reads_none_twice),
	{}
};

static struct kunit_suite memo_suite = {
	.name = "tw_memo",
	.test_cases = memo_cases,
};

kunit_test_suite(memo_suite);
