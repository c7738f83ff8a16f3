// SPDX-License-Identifier: GPL-2.0-only
/* Levels from one look to the next: who is told of what. */
#include "compute/level.h"
#include "compute/watch.h"
#include "samples.h"

#define HYSTERESIS	5
#define ROWS		4
#define EVENTS		16

/* What was told. */
/* In the place of a number: a destination that nobody has used yet. */
#define FRESH	U32_MAX

struct told {
	u32 nr;
	struct {
		u32 number;	/* of the key */
		u8 old_level;
		u8 new_level;
		u32 free;
	} event[EVENTS];
};

/* Destinations with 1,000 usable ports each, and what happened to them. */
struct example {
	struct tws_watch levels;
	struct tws_watch_sink sink;
	u8 unseen_level;
	struct told told;
	struct tws_row row[ROWS];
	struct list_head rows;
	struct tws_outlook fresh;
};

static void write_down(void *ctx, const struct tws_event *event)
{
	struct told *told = ctx;

	if (told->nr < EVENTS) {
		told->event[told->nr].number =
			event->key ? tws_test_key_number(event->key) : FRESH;
		told->event[told->nr].old_level = event->old_level;
		told->event[told->nr].new_level = event->new_level;
		told->event[told->nr].free = event->free;
	}
	told->nr++;
}

static void free_example(void *arg)
{
	struct example *e = arg;

	tws_watch_free(&e->levels);
}

static struct example *new_example(struct kunit *test)
{
	struct example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_example, e),
			0);
	e->sink.changed = write_down;
	e->sink.ctx = &e->told;
	return e;
}

static void set_outlook(struct tws_outlook *outlook, u32 free)
{
	outlook->known = true;
	outlook->open = 1000;
	outlook->free = free;
	outlook->th = (struct tws_thresholds)TWS_DEFAULT_THRESHOLDS;
	outlook->level = tws_level(1000, free, &outlook->th);
}

/* The row in a place is of destination NUMBER, with so many ports left. */
static void set_row(struct example *e, u32 place, u32 number, u32 free)
{
	struct tws_row *row = &e->row[place];

	memset(row, 0, sizeof(*row));
	row->key = tws_test_key(number);
	set_outlook(&row->outlook, free);
}

/* Look at the first so many rows; only what is told now is kept. */
static u32 look(struct kunit *test, struct example *e, u32 nr)
{
	const struct tws_watch_look look = {
		.rows = &e->rows,
		.fresh = &e->fresh,
		.unseen_level = e->unseen_level,
		.hysteresis = HYSTERESIS,
	};
	u32 i;

	INIT_LIST_HEAD(&e->rows);
	for (i = 0; i < nr; i++)
		list_add_tail(&e->row[i].list, &e->rows);
	e->told.nr = 0;
	KUNIT_ASSERT_EQ(test, tws_watch_update(&e->levels, &look, &e->sink),
			0);
	return e->told.nr;
}

static u32 look_at_one(struct kunit *test, struct example *e, u32 free)
{
	set_row(e, 0, 1, free);
	return look(test, e, 1);
}

static void expect_event(struct kunit *test, const struct example *e, u32 i,
			 u32 number, u8 old_level, u8 new_level)
{
	KUNIT_ASSERT_LT(test, i, e->told.nr);
	KUNIT_EXPECT_EQ(test, e->told.event[i].number, number);
	KUNIT_EXPECT_EQ(test, e->told.event[i].old_level, old_level);
	KUNIT_EXPECT_EQ(test, e->told.event[i].new_level, new_level);
}

/* ok, warn, crit, full, one event each; the same again is none. */
static void up_the_levels(struct kunit *test)
{
	struct example *e = new_example(test);

	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 201), 0);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 200), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_OK, TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, e->told.event[0].free, 200);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 200), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 50), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_WARN, TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 0), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_CRIT, TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 1);
}

/* From ok to full at once, and back: one event each way. */
static void several_levels_at_once(struct kunit *test)
{
	struct example *e = new_example(test);

	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 0), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_OK, TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 1000), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_FULL, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 0);
}

/*
 * Down again: full is left below 95% (but for crit, which begins there), crit
 * below 90%, warn below 75%.
 */
static void down_with_hysteresis(struct kunit *test)
{
	struct example *e = new_example(test);

	look_at_one(test, e, 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 50), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 51), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_FULL, TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 100), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 101), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_CRIT, TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 250), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 251), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_WARN, TWS_LEVEL_OK);
}

/* 100 times 79.9% and 80%: one event, not two hundred. */
static void flapping_is_one_event(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i, events = 0;

	for (i = 0; i < 100; i++) {
		events += look_at_one(test, e, 201);
		events += look_at_one(test, e, 200);
	}
	KUNIT_EXPECT_EQ(test, events, 1);
}

/* Three destinations in any order, each with a life of its own. */
static void destinations_are_apart(struct kunit *test)
{
	struct example *e = new_example(test);

	set_row(e, 0, 3, 0);
	set_row(e, 1, 1, 50);
	set_row(e, 2, 2, 1000);
	KUNIT_EXPECT_EQ(test, look(test, e, 3), 2);
	expect_event(test, e, 0, 3, TWS_LEVEL_OK, TWS_LEVEL_FULL);
	expect_event(test, e, 1, 1, TWS_LEVEL_OK, TWS_LEVEL_CRIT);

	set_row(e, 0, 2, 0);
	set_row(e, 1, 3, 0);
	set_row(e, 2, 1, 50);
	KUNIT_EXPECT_EQ(test, look(test, e, 3), 1);
	expect_event(test, e, 0, 2, TWS_LEVEL_OK, TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 3);
}

/* The last socket of a destination has gone: it is well again. */
static void destination_that_is_gone(struct kunit *test)
{
	struct example *e = new_example(test);

	set_row(e, 0, 1, 0);
	set_row(e, 1, 2, 0);
	look(test, e, 2);
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 1);
	expect_event(test, e, 0, 2, TWS_LEVEL_FULL, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 0);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_FULL, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 0);
}

/*
 * Its row is hidden, among others that may be full: nothing is told. When these
 * can be warn at most, that is told; when none is hidden, that it is gone.
 */
static void hidden_is_not_gone(struct kunit *test)
{
	struct example *e = new_example(test);

	set_row(e, 0, 1, 0);
	set_row(e, 1, 2, 0);
	look(test, e, 2);
	e->unseen_level = TWS_LEVEL_FULL;
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 0);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 2);
	/* It is shown again, as full as it was. */
	KUNIT_EXPECT_EQ(test, look(test, e, 2), 0);
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 0);
	e->unseen_level = TWS_LEVEL_WARN;
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 1);
	expect_event(test, e, 0, 2, TWS_LEVEL_FULL, TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 0);
	e->unseen_level = TWS_LEVEL_OK;
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 1);
	expect_event(test, e, 0, 2, TWS_LEVEL_WARN, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 1);
}

/* Nothing is known for a moment: nothing has changed, and nothing is told. */
static void unknown_for_a_moment(struct kunit *test)
{
	struct example *e = new_example(test);

	look_at_one(test, e, 0);
	set_row(e, 0, 1, 0);
	e->row[0].outlook.known = false;
	e->row[0].outlook.level = TWS_LEVEL_OK;
	KUNIT_EXPECT_EQ(test, look(test, e, 1), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 0), 0);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 1000), 1);
}

/* Ports are lost to all destinations, and none has a row: up, held, and down. */
static void fresh_destination(struct kunit *test)
{
	struct example *e = new_example(test);

	set_outlook(&e->fresh, 201);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 0);
	set_outlook(&e->fresh, 200);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 1);
	expect_event(test, e, 0, FRESH, TWS_LEVEL_OK, TWS_LEVEL_WARN);
	set_outlook(&e->fresh, 0);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 1);
	expect_event(test, e, 0, FRESH, TWS_LEVEL_WARN, TWS_LEVEL_FULL);
	/* Nothing is known for a moment. */
	e->fresh.known = false;
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 0);
	set_outlook(&e->fresh, 240);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 1);
	expect_event(test, e, 0, FRESH, TWS_LEVEL_FULL, TWS_LEVEL_WARN);
	set_outlook(&e->fresh, 251);
	KUNIT_EXPECT_EQ(test, look(test, e, 0), 1);
	expect_event(test, e, 0, FRESH, TWS_LEVEL_WARN, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 0);
}

/* Rows of served ports come after the others, and have no level. */
static void served_ports_have_no_level(struct kunit *test)
{
	struct example *e = new_example(test);

	set_row(e, 0, 1, 0);
	set_row(e, 1, 2, 0);
	e->row[1].key.dir = TWS_IN;
	KUNIT_EXPECT_EQ(test, look(test, e, 2), 1);
	expect_event(test, e, 0, 1, TWS_LEVEL_OK, TWS_LEVEL_FULL);
}

/* 300 destinations become full together, and then well: each is told, each way. */
static void crowd_of_destinations(struct kunit *test)
{
	const u32 nr = 300;
	struct example *e = new_example(test);
	struct tws_row *rows = kunit_kcalloc(test, nr, sizeof(*rows),
					     GFP_KERNEL);
	const struct tws_watch_look look = {
		.rows = &e->rows,
		.fresh = &e->fresh,
		.unseen_level = TWS_LEVEL_OK,
		.hysteresis = HYSTERESIS,
	};
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, rows);
	INIT_LIST_HEAD(&e->rows);
	for (i = 0; i < nr; i++) {
		/* 7 has no divisor in common with 300: another order. */
		set_row(e, 0, i * 7 % nr + 1, 0);
		rows[i] = e->row[0];
		list_add_tail(&rows[i].list, &e->rows);
	}
	KUNIT_EXPECT_EQ(test, tws_watch_update(&e->levels, &look, &e->sink),
			0);
	KUNIT_EXPECT_EQ(test, e->told.nr, nr);
	KUNIT_EXPECT_EQ(test, e->levels.nr, nr);
	KUNIT_EXPECT_EQ(test, tws_watch_update(&e->levels, &look, &e->sink),
			0);
	KUNIT_EXPECT_EQ(test, e->told.nr, nr);
	KUNIT_EXPECT_EQ(test, look_at_one(test, e, 0), nr - 1);
	KUNIT_EXPECT_EQ(test, e->levels.nr, 1);
}

static struct kunit_case levels_cases[] = {
	KUNIT_CASE(up_the_levels),
	KUNIT_CASE(several_levels_at_once),
	KUNIT_CASE(down_with_hysteresis),
	KUNIT_CASE(flapping_is_one_event),
	KUNIT_CASE(destinations_are_apart),
	KUNIT_CASE(destination_that_is_gone),
	KUNIT_CASE(hidden_is_not_gone),
	KUNIT_CASE(unknown_for_a_moment),
	KUNIT_CASE(fresh_destination),
	KUNIT_CASE(served_ports_have_no_level),
	KUNIT_CASE(crowd_of_destinations),
	{}
};

static struct kunit_suite levels_suite = {
	.name = "tw_watch",
	.test_cases = levels_cases,
};

kunit_test_suite(levels_suite);
