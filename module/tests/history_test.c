// SPDX-License-Identifier: GPL-2.0-only
/* What is remembered of snapshots, and how fast ports are lost by it. */
#include "compute/portmap.h"
#include "compute/table.h"
#include "history.h"
#include "samples.h"

/* A namespace that is looked at again and again. */
struct example {
	struct tws_history history;
	struct tws_ports_then ports;
	u64 now_ms;
	/* The last look: its rows are numbered. */
	struct tws_table table;
	struct tws_past past;
};

static void free_example(void *arg)
{
	struct example *e = arg;

	tws_history_free(&e->history);
	tws_table_free(&e->table);
}

static struct example *new_example(struct kunit *test)
{
	struct example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	tws_history_init(&e->history);
	e->ports.range = (struct tws_range){ 40000, 40199 };
	e->now_ms = 1000000;
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 1000, tws_test_hash(1)), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_example, e), 0);
	return e;
}

static void wait_ms(struct example *e, u32 ms)
{
	e->now_ms += ms;
}

/* Look at rows that keep so many ports, of which FIN_WAIT2 has so many: none is known. */
static void begin_look(struct kunit *test, struct example *e)
{
	tws_table_free(&e->table);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 1000, tws_test_hash(1)), 0);
}

static struct tws_growth *see(struct kunit *test, struct example *e, u32 number)
{
	const struct tws_key key = tws_test_key(number);
	struct tws_row *row = tws_test_row(&e->table, &key);

	KUNIT_ASSERT_NOT_NULL(test, row);
	row->outlook.known = true;
	return &row->outlook.growth;
}

static void end_look(struct example *e)
{
	const ktime_t now = ms_to_ktime(e->now_ms);
	struct tws_row *row;

	tws_history_get(&e->past, &e->history, now, &e->ports);
	tws_history_compare(&e->table, &e->past);
	list_for_each_entry(row, &e->table.rows, list)
		tws_growth_settle(&row->outlook.growth, e->past.age_ms);
	tws_history_put(&e->past);
	tws_history_add(&e->history, now, &e->ports, 0, &e->table);
}

/* One row that keeps so many ports; return its growth in ten seconds. */
static s32 look(struct kunit *test, struct example *e, u32 kept)
{
	struct tws_growth *growth;

	begin_look(test, e);
	growth = see(test, e, 1);
	growth->kept = kept;
	end_look(e);
	return growth->per_10s;
}

/* 20 more each second, looked at each second: known from the sixth second on. */
static void look_each_second(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i;

	for (i = 0; i < 20; i++) {
		const s32 growth = look(test, e, 7 + 20 * i);

		KUNIT_EXPECT_EQ(test, growth, i < 5 ? TWS_NO_GROWTH : 200);
		KUNIT_EXPECT_EQ(test, see(test, e, 1)->falls, 0);
		wait_ms(e, 1000);
	}
}

/* Somebody looks all the time: the oldest is at least five seconds old all the same. */
static void look_all_the_time(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i;

	for (i = 0; i < 100; i++) {
		const s32 growth = look(test, e, 2 * i);

		if (i >= 60) {
			KUNIT_EXPECT_EQ(test, growth, 200);
			KUNIT_EXPECT_GE(test, e->past.age_ms, 5000);
			KUNIT_EXPECT_LE(test, e->past.age_ms, 7000);
		}
		wait_ms(e, 100);
	}
}

/* Looked at every 25 s: since 50 s ago. Every 70 s: nothing is known. */
static void look_seldom(struct kunit *test)
{
	struct example *e = new_example(test);

	look(test, e, 100);
	wait_ms(e, 25000);
	KUNIT_EXPECT_EQ(test, look(test, e, 200), 40);
	wait_ms(e, 25000);
	KUNIT_EXPECT_EQ(test, look(test, e, 100), 0);
	KUNIT_EXPECT_EQ(test, see(test, e, 1)->rises, 100);
	KUNIT_EXPECT_EQ(test, see(test, e, 1)->falls, 100);
	wait_ms(e, 25000);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), -40);
	wait_ms(e, 70000);
	KUNIT_EXPECT_EQ(test, look(test, e, 1000), TWS_NO_GROWTH);
}

/* A row that is new has no growth, and one that comes back neither. */
static void row_that_was_not_there(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_growth *growth;

	look(test, e, 5);
	wait_ms(e, 10000);
	begin_look(test, e);
	see(test, e, 1)->kept = 6;
	growth = see(test, e, 2);
	growth->kept = 100;
	end_look(e);
	KUNIT_EXPECT_EQ(test, growth->per_10s, TWS_NO_GROWTH);
	KUNIT_EXPECT_EQ(test, see(test, e, 1)->per_10s, 1);
}

/* With another range, or other reserved ports, it is not comparable. */
static void other_ports(struct kunit *test)
{
	struct example *e = new_example(test);

	look(test, e, 5);
	wait_ms(e, 10000);
	e->ports.reserved = 1;
	KUNIT_EXPECT_EQ(test, look(test, e, 5), TWS_NO_GROWTH);
	wait_ms(e, 10000);
	KUNIT_EXPECT_EQ(test, look(test, e, 5), 0);
	wait_ms(e, 10000);
	e->ports.range.high++;
	KUNIT_EXPECT_EQ(test, look(test, e, 5), TWS_NO_GROWTH);
}

/*
 * Ten sockets a second go to FIN_WAIT2 and stay there for 20 s: at first their number
 * grows, and then their timers give back as many as come.
 */
static void taken_by_fin_wait2(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 second;

	for (second = 0; second < 60; second++) {
		struct tws_growth *growth;

		begin_look(test, e);
		growth = see(test, e, 1);
		growth->fin_wait2 = 10 * min(second, 20u);
		growth->due = second < 20 ? 0 : 10;
		end_look(e);
		if (second >= 5 && second != 20)
			KUNIT_EXPECT_EQ_MSG(test, growth->fin_wait2_10s, 100,
					    "second %u", second);
		wait_ms(e, 1000);
	}
}

/* Of many rows the first ones are remembered, each by itself. */
static void many_rows(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i;

	for (i = 0; i < 300; i++)
		see(test, e, i)->kept = i;
	end_look(e);
	wait_ms(e, 10000);
	begin_look(test, e);
	for (i = 300; i--;)
		see(test, e, i)->kept = 3 * i;
	end_look(e);
	for (i = 0; i < 300; i++)
		KUNIT_EXPECT_EQ_MSG(test, see(test, e, i)->per_10s,
				    i < TWS_REMEMBERED_ROWS ? 2 * i : TWS_NO_GROWTH,
				    "row %u", i);
}

static struct kunit_case history_cases[] = {
	KUNIT_CASE(look_each_second),
	KUNIT_CASE(look_all_the_time),
	KUNIT_CASE(look_seldom),
	KUNIT_CASE(row_that_was_not_there),
	KUNIT_CASE(other_ports),
	KUNIT_CASE(taken_by_fin_wait2),
	KUNIT_CASE(many_rows),
	{}
};

static struct kunit_suite history_suite = {
	.name = "tw_history",
	.test_cases = history_cases,
};

kunit_test_suite(history_suite);
