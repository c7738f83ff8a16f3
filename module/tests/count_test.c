// SPDX-License-Identifier: GPL-2.0-only
/* What one socket means for its row. */
#include <linux/bitops.h>
#include <net/net_namespace.h>

#include "example.h"
#include "samples.h"

/* Three ports to one destination: all are blocked, one by a TIME_WAIT. */
static void each_state(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	const struct tws_tuple batch[] = {
		tws_example_socket(40000, TWS_STATE_TIME_WAIT),
		tws_example_socket(40001, TWS_STATE_ESTABLISHED),
		tws_example_socket(40002, TWS_STATE_OTHER),
		tws_example_socket(40003, TWS_STATE_SYN_SENT),
		tws_example_socket(40004, TWS_STATE_CLOSE_WAIT),
		tws_example_socket(40005, TWS_STATE_CLOSE_WAIT),
	};
	const struct tws_row *row;

	tws_example_count(e, batch, ARRAY_SIZE(batch));
	row = tws_example_row(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 6);
	KUNIT_EXPECT_EQ(test, row->blocked, 6);
	KUNIT_EXPECT_EQ(test, row->blocked_tw, 1);
	KUNIT_EXPECT_EQ(test, row->reuse, 0);
	KUNIT_EXPECT_EQ(test, row->count[TWS_STATE_SYN_SENT], 1);
	KUNIT_EXPECT_EQ(test, row->count[TWS_STATE_CLOSE_WAIT], 2);
	KUNIT_EXPECT_EQ(test, e->counter.sockets, 6);
	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_TIME_WAIT], 1);
	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_ESTABLISHED], 1);
	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_OTHER], 1);
	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_FIN_WAIT2], 0);

	/* The next pass begins at nothing. */
	tws_count_restart(&e->counter);
	KUNIT_EXPECT_EQ(test, e->counter.sockets, 0);
	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_TIME_WAIT], 0);
}

/* A TIME_WAIT that may be taken over, and one of the future that may not. */
static void reusable_timewait(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	struct tws_tuple batch[] = { tws_example_reusable(40000), tws_example_reusable(40001) };
	const struct tws_row *row;

	e->counter.rule.mode = TWS_REUSE_ON;
	batch[1].ts_recent_stamp += 100000;
	tws_example_count(e, batch, ARRAY_SIZE(batch));
	row = tws_example_row(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 2);
	KUNIT_EXPECT_EQ(test, row->reuse, 1);
	KUNIT_EXPECT_EQ(test, row->blocked, 1);
	KUNIT_EXPECT_EQ(test, row->blocked_tw, 1);
}

/* A FIN_WAIT2 that may be taken over blocks nothing; it is no TIME_WAIT. */
static void reusable_fin_wait2(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	struct tws_tuple t = tws_example_reusable(40000);
	const struct tws_row *row;

	t.state = TWS_STATE_FIN_WAIT2;
	e->counter.rule.mode = TWS_REUSE_ON;
	e->counter.rule.fin_wait2 = true;
	tws_example_count(e, &t, 1);
	row = tws_example_row(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 1);
	KUNIT_EXPECT_EQ(test, row->reuse, 0);
	KUNIT_EXPECT_EQ(test, row->blocked, 0);
}

/*
 * A reserved port, a bound one and an ordinary one: connect() does not
 * consider the first two anyway, so only the third is taken from the rest.
 */
static void ports_that_are_skipped(struct kunit *test)
{
	static const struct tws_used_port bound = { .port = 40001, .skipped = true };
	struct tws_example *e = tws_example(test);
	const struct tws_tuple batch[] = {
		tws_example_socket(40000, TWS_STATE_ESTABLISHED),
		tws_example_reusable(40001),
		tws_example_socket(40002, TWS_STATE_ESTABLISHED),
	};
	const struct tws_row *row;

	e->counter.rule.mode = TWS_REUSE_ON;
	__set_bit(40000, e->ports.reserved);
	KUNIT_ASSERT_EQ(test, tws_portmap_add(&e->ports, &bound), 0);
	tws_portmap_finish(&e->ports);
	tws_count_restart(&e->counter);
	tws_example_count(e, batch, ARRAY_SIZE(batch));
	row = tws_example_row(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 3);
	KUNIT_EXPECT_EQ(test, row->blocked, 1);
	KUNIT_EXPECT_EQ(test, row->reuse, 0);
}

/* 40000-40008: the lowest port of an odd range is not tried. */
static void port_that_is_not_tried(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	const struct tws_tuple batch[] = {
		tws_example_socket(40000, TWS_STATE_ESTABLISHED),
		tws_example_socket(40001, TWS_STATE_ESTABLISHED),
	};

	tws_portmap_free(&e->ports);
	e->range.high = 40008;
	KUNIT_ASSERT_EQ(test, tws_portmap_init(&e->ports, &e->range), 0);
	tws_portmap_finish(&e->ports);
	tws_count_restart(&e->counter);
	tws_example_count(e, batch, ARRAY_SIZE(batch));
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->sockets, 2);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->blocked, 1);
}

/* A served port and one outside of the range: ports do not matter. */
static void other_rows_block_nothing(struct kunit *test)
{
	const struct tws_key in = tws_test_port_key(TWS_IN, TWS_CLIENT, 40000);
	const struct tws_key bound = tws_test_port_key(TWS_BOUND, TWS_CLIENT,
						       80);
	const struct tws_used_port used = { .port = 40000, .skipped = true };
	struct tws_example *e = tws_example(test);
	const struct tws_tuple batch[] = {
		tws_example_socket(40000, TWS_STATE_ESTABLISHED),
		tws_example_socket(80, TWS_STATE_TIME_WAIT),
	};

	KUNIT_ASSERT_TRUE(test, tws_portmap_listen(&e->ports, 0, 40000));
	KUNIT_ASSERT_EQ(test, tws_portmap_add(&e->ports, &used), 0);
	tws_portmap_finish(&e->ports);
	tws_count_restart(&e->counter);
	tws_example_count(e, batch, ARRAY_SIZE(batch));
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&e->table, &in));
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &in)->sockets, 1);
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &in)->blocked, 0);
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&e->table, &bound));
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &bound)->sockets, 1);
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &bound)->blocked, 0);
}

/* Which ports are in use is not known: sockets are counted all the same. */
static void without_a_port_map(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	const struct tws_tuple t = tws_example_socket(40000, TWS_STATE_ESTABLISHED);

	e->counter.ports_known = false;
	tws_count_restart(&e->counter);
	tws_example_count(e, &t, 1);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->sockets, 1);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->blocked, 0);
}

/* More keys than rows: what has no row is hidden, and counted all the same. */
static void sockets_without_a_row(struct kunit *test)
{
	struct tws_example *e = tws_example(test);
	struct tws_tuple t = tws_example_socket(40000, TWS_STATE_ESTABLISHED);
	int pass, i;

	for (pass = 0; pass < 2; pass++) {
		tws_count_restart(&e->counter);
		for (i = 0; i < 17; i++) {
			t.dport = htons(1 + i);
			tws_example_count(e, &t, 1);
		}
		KUNIT_EXPECT_EQ(test, tws_table_second_pass(&e->table), !pass);
	}
	KUNIT_EXPECT_EQ(test, e->counter.sockets, 17);
	KUNIT_EXPECT_EQ(test, e->table.nr, 16);
	KUNIT_EXPECT_EQ(test, e->table.hidden_sockets, 1);
}

static struct kunit_case count_cases[] = {
	KUNIT_CASE(each_state),
	KUNIT_CASE(reusable_timewait),
	KUNIT_CASE(reusable_fin_wait2),
	KUNIT_CASE(ports_that_are_skipped),
	KUNIT_CASE(port_that_is_not_tried),
	KUNIT_CASE(other_rows_block_nothing),
	KUNIT_CASE(without_a_port_map),
	KUNIT_CASE(sockets_without_a_row),
	{}
};

static struct kunit_suite count_suite = {
	.name = "tw_count",
	.test_cases = count_cases,
};

kunit_test_suite(count_suite);
