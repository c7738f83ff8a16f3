// SPDX-License-Identifier: GPL-2.0-only
/* The quick way of most sockets, and the way that all can go. */
#include <linux/bitops.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "example.h"
#include "samples.h"

/* Two pairs of addresses for which tws_recent_pair() is the same. */
static void set_v6(struct tws_tuple *t, bool other)
{
	struct in6_addr local = tws_test_v6(1), remote = tws_test_v6(2);

	local.s6_addr32[0] ^= htonl(other);
	remote.s6_addr32[3] ^= htonl(other);
	tws_test_set_v6(t, local, remote);
}

/* One of some 30 rows, in any state; every fourth is unusual in some way. */
static struct tws_tuple random_socket(struct rnd_state *random)
{
	struct tws_tuple t = tws_test_tuple();

	t.remote4 = htonl(TWS_SERVER + tws_test_below(random, 24));
	t.dport = htons(443 + tws_test_below(random, 2));
	t.lport = 39998 + tws_test_below(random, 14);
	t.state = tws_test_below(random, TWS_NR_STATES);
	if (t.state == TWS_STATE_TIME_WAIT) {
		t.kind = TWS_KIND_TIMEWAIT;
		t.left_ms = tws_test_below(random, 60001);
		t.ts_recent_stamp = 990 + tws_test_below(random, 20);
	} else if (t.state == TWS_STATE_FIN_WAIT2 && tws_test_below(random, 2)) {
		t.kind = TWS_KIND_TIMEWAIT;
		t.left_ms = tws_test_below(random, 60001);
	} else {
		t.held = tws_test_below(random, 2);
	}
	switch (tws_test_below(random, 16)) {
	case 0:
		set_v6(&t, tws_test_below(random, 2));
		break;
	case 1:
		t.dev = 1;
		break;
	case 2:
		t.kind = TWS_KIND_REQUEST;
		t.state = TWS_STATE_OTHER;
		break;
	case 3:
		t.local4 = htonl(TWS_IP4(127, 0, 0, 1));
		break;
	}
	return t;
}

/* Without rows that are remembered, no socket is counted quickly. */
static void remember_none(struct tws_example *e)
{
	kfree(e->table.recent);
	e->table.recent = NULL;
}

static void count_all(struct tws_example *e, const struct tws_tuple *batch, unsigned int nr,
		      bool quick)
{
	if (!quick)
		remember_none(e);
	tws_example_count(e, batch, nr);
	if (tws_table_second_pass(&e->table)) {
		if (!quick)
			remember_none(e);
		tws_count_restart(&e->counter);
		tws_example_count(e, batch, nr);
	}
	tws_table_finish(&e->table);
	tws_count_finish(&e->counter);
}

static void expect_same(struct kunit *test, const struct tws_table *table,
			const struct tws_table *other)
{
	/* A row may have one that counts nothing: another row had it before. */
	static const struct tws_aside none;
	const struct tws_row *a, *b;

	KUNIT_EXPECT_EQ(test, table->nr, other->nr);
	KUNIT_EXPECT_EQ(test, table->hidden_sockets, other->hidden_sockets);
	list_for_each_entry(a, &table->rows, list) {
		b = tws_table_find(other, &a->key);
		KUNIT_ASSERT_NOT_NULL(test, b);
		/* All that is counted. */
		KUNIT_EXPECT_EQ(test, memcmp(&a->next_ms, &b->next_ms,
					     offsetof(struct tws_row, loopback) -
					     offsetof(struct tws_row, next_ms)), 0);
		KUNIT_EXPECT_EQ(test, memcmp(a->age, b->age, sizeof(a->age)), 0);
		KUNIT_EXPECT_EQ(test, a->blocked_fw2, b->blocked_fw2);
		KUNIT_EXPECT_EQ(test, a->fw2_held, b->fw2_held);
		KUNIT_EXPECT_EQ(test, memcmp(a->aside ?: &none, b->aside ?: &none,
					     sizeof(none)), 0);
	}
}

/* 40003, which connect() skips then, if the ports were not read before. */
static void listen_on_a_port(struct kunit *test, struct tws_example *e, bool skipped)
{
	const struct tws_used_port used = { .port = 40003, .skipped = true };

	KUNIT_ASSERT_TRUE(test, tws_portmap_listen(&e->ports, 0, 40003));
	if (skipped) {
		KUNIT_ASSERT_EQ(test, tws_portmap_add(&e->ports, &used), 0);
		tws_portmap_finish(&e->ports);
	}
	tws_count_restart(&e->counter);
	KUNIT_EXPECT_NOT_NULL(test, e->counter.plain);
}

/* The same sockets by both ways. Some of them have no room. */
static void both_ways(struct kunit *test)
{
	const unsigned int nr = 2000;
	struct tws_tuple *batch = kunit_kmalloc_array(test, nr, sizeof(*batch),
						      GFP_KERNEL);
	struct tws_example *quick, *slow;
	struct rnd_state random;
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, batch);
	tws_test_seed(test, &random);
	for (round = 0; round < 20; round++) {
		quick = tws_example(test);
		slow = tws_example(test);
		quick->counter.rule.mode = tws_test_below(&random, 3);
		slow->counter.rule.mode = quick->counter.rule.mode;
		listen_on_a_port(test, quick, round % 2);
		listen_on_a_port(test, slow, round % 2);
		for (i = 0; i < nr; i++)
			batch[i] = random_socket(&random);
		count_all(quick, batch, nr, true);
		KUNIT_EXPECT_GT(test, quick->table.hidden_sockets, 0);
		count_all(slow, batch, nr, false);
		expect_same(test, &quick->table, &slow->table);
	}
}

/*
 * Six TIME_WAITs to each of more destinations than are remembered, two of which may be
 * taken over: none is lost when a row is remembered in the place of another one. Two to
 * one destination come at a time, so that one of them is counted where it is remembered.
 */
static void more_rows_than_are_remembered(struct kunit *test)
{
	const unsigned int rows = 3 * TWS_RECENT_ROWS;
	struct tws_example *e = tws_example(test);
	const struct tws_row *row;
	struct tws_tuple t;
	unsigned int i;

	tws_table_free(&e->table);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, rows, tws_test_hash(1)), 0);
	e->counter.rule.mode = TWS_REUSE_ON;
	tws_count_restart(&e->counter);
	for (i = 0; i < 3 * rows; i++) {
		t = i < rows ? tws_example_reusable(40001) :
			       tws_example_socket(40000 + i / rows, TWS_STATE_TIME_WAIT);
		t.remote4 = htonl(TWS_SERVER + (i % 2 ? i - 1 : i) % rows);
		tws_count_batch(&e->counter, &tws_example_now, &t, 1);
	}
	tws_table_finish(&e->table);

	KUNIT_EXPECT_EQ(test, e->counter.count[TWS_STATE_TIME_WAIT], 3 * rows);
	KUNIT_ASSERT_EQ(test, e->table.nr, rows / 2);
	list_for_each_entry(row, &e->table.rows, list) {
		KUNIT_ASSERT_EQ(test, row->sockets, 6);
		KUNIT_ASSERT_EQ(test, row->count[TWS_STATE_TIME_WAIT], 6);
		KUNIT_ASSERT_EQ(test, row->reuse, 2);
		KUNIT_ASSERT_EQ(test, row->blocked, 4);
		KUNIT_ASSERT_EQ(test, row->blocked_tw, 4);
		KUNIT_ASSERT_EQ(test, row->blocked_if, 4);
		KUNIT_ASSERT_EQ(test, row->age[30], 6);
	}
}

static struct kunit_case count_quick_cases[] = {
	KUNIT_CASE(both_ways),
	KUNIT_CASE(more_rows_than_are_remembered),
	{}
};

static struct kunit_suite count_quick_suite = {
	.name = "tw_count_quick",
	.test_cases = count_quick_cases,
};

kunit_test_suite(count_quick_suite);
