// SPDX-License-Identifier: GPL-2.0-only
/* What one socket means for its row. */
#include <linux/bitops.h>
#include <net/net_namespace.h>

#include "breath.h"
#include "count.h"
#include "compute/portmap.h"
#include "samples.h"

/* The sockets of an example are in the slots 5 and 6. */
#define SLOT	5

/* A namespace with the ports 40000-40009, and what was counted in it. */
struct example {
	struct tws_range range;
	struct tws_portmap ports;
	struct tws_table table;
	struct tws_counter counter;
	struct tws_breath breath;
};

static void free_example(void *arg)
{
	struct example *e = arg;

	tws_table_free(&e->table);
	tws_portmap_free(&e->ports);
}

static struct example *new_example(struct kunit *test)
{
	struct example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->range.low = 40000;
	e->range.high = 40009;
	KUNIT_ASSERT_EQ(test, tws_portmap_init(&e->ports, &e->range), 0);
	tws_portmap_finish(&e->ports);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 16,
					     tws_test_hash(1)), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_example, e),
			0);
	e->counter.net = &init_net;
	e->counter.range = &e->range;
	e->counter.listening = tws_test_bitmap(test);
	e->counter.ports = &e->ports;
	e->counter.table = &e->table;
	e->counter.breath = &e->breath;
	tws_count_restart(&e->counter);
	return e;
}

/* The time is the same in all of them. */
static const struct tws_clock now = { .seconds = 1000, .ms = 1000000 };

static void count(struct example *e, const struct tws_tuple *batch,
		  unsigned int nr)
{
	tws_count_batch(&e->counter, &now, batch, nr);
}

static struct tws_tuple on_port(u16 lport, u8 state)
{
	struct tws_tuple t = tws_test_tuple();

	t.lport = lport;
	t.state = state;
	t.slot = SLOT;
	if (state == TWS_STATE_TIME_WAIT) {
		t.kind = TWS_KIND_TIMEWAIT;
		t.left_ms = 30000;
	}
	return t;
}

/* One that connect() may take over, where tcp_tw_reuse is 1. */
static struct tws_tuple reusable(u16 lport)
{
	struct tws_tuple t = on_port(lport, TWS_STATE_TIME_WAIT);

	t.ts_recent_stamp = now.seconds - 100;
	return t;
}

static const struct tws_row *row_on(struct kunit *test,
				    const struct example *e, int dev)
{
	struct tws_key key = tws_test_key(0);
	const struct tws_row *row;

	key.remote = tws_test_v4(TWS_SERVER);
	key.dev = dev;
	row = tws_table_find(&e->table, &key);
	KUNIT_ASSERT_NOT_NULL(test, row);
	return row;
}

/* Three ports to one destination: all are blocked, one by a TIME_WAIT. */
static void each_state(struct kunit *test)
{
	struct example *e = new_example(test);
	const struct tws_tuple batch[] = {
		on_port(40000, TWS_STATE_TIME_WAIT),
		on_port(40001, TWS_STATE_ESTABLISHED),
		on_port(40002, TWS_STATE_OTHER),
		on_port(40003, TWS_STATE_SYN_SENT),
		on_port(40004, TWS_STATE_CLOSE_WAIT),
		on_port(40005, TWS_STATE_CLOSE_WAIT),
	};
	const struct tws_row *row;

	count(e, batch, ARRAY_SIZE(batch));
	row = row_on(test, e, 0);
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
	struct example *e = new_example(test);
	struct tws_tuple batch[] = { reusable(40000), reusable(40001) };
	const struct tws_row *row;

	e->counter.rule.mode = TWS_REUSE_ON;
	batch[1].ts_recent_stamp += 100000;
	count(e, batch, ARRAY_SIZE(batch));
	row = row_on(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 2);
	KUNIT_EXPECT_EQ(test, row->reuse, 1);
	KUNIT_EXPECT_EQ(test, row->blocked, 1);
	KUNIT_EXPECT_EQ(test, row->blocked_tw, 1);
}

/* A FIN_WAIT2 that may be taken over blocks nothing; it is no TIME_WAIT. */
static void reusable_fin_wait2(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_tuple t = reusable(40000);
	const struct tws_row *row;

	t.state = TWS_STATE_FIN_WAIT2;
	e->counter.rule.mode = TWS_REUSE_ON;
	e->counter.rule.fin_wait2 = true;
	count(e, &t, 1);
	row = row_on(test, e, 0);
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
	struct example *e = new_example(test);
	const struct tws_tuple batch[] = {
		on_port(40000, TWS_STATE_ESTABLISHED),
		reusable(40001),
		on_port(40002, TWS_STATE_ESTABLISHED),
	};
	const struct tws_row *row;

	e->counter.rule.mode = TWS_REUSE_ON;
	__set_bit(40000, e->ports.reserved);
	KUNIT_ASSERT_EQ(test, tws_portmap_add(&e->ports, &bound), 0);
	tws_portmap_finish(&e->ports);
	tws_count_restart(&e->counter);
	count(e, batch, ARRAY_SIZE(batch));
	row = row_on(test, e, 0);
	KUNIT_EXPECT_EQ(test, row->sockets, 3);
	KUNIT_EXPECT_EQ(test, row->blocked, 1);
	KUNIT_EXPECT_EQ(test, row->reuse, 0);
}

/* 40000-40008: the lowest port of an odd range is not tried. */
static void port_that_is_not_tried(struct kunit *test)
{
	struct example *e = new_example(test);
	const struct tws_tuple batch[] = {
		on_port(40000, TWS_STATE_ESTABLISHED),
		on_port(40001, TWS_STATE_ESTABLISHED),
	};

	tws_portmap_free(&e->ports);
	e->range.high = 40008;
	KUNIT_ASSERT_EQ(test, tws_portmap_init(&e->ports, &e->range), 0);
	tws_portmap_finish(&e->ports);
	tws_count_restart(&e->counter);
	count(e, batch, ARRAY_SIZE(batch));
	KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->sockets, 2);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->blocked, 1);
}

/* A served port and one outside of the range: ports do not matter. */
static void other_rows_block_nothing(struct kunit *test)
{
	const struct tws_key in = tws_test_port_key(TWS_IN, TWS_CLIENT, 40000);
	const struct tws_key bound = tws_test_port_key(TWS_BOUND, TWS_CLIENT,
						       80);
	unsigned long *listening = tws_test_bitmap(test);
	struct example *e = new_example(test);
	const struct tws_tuple batch[] = {
		on_port(40000, TWS_STATE_ESTABLISHED),
		on_port(80, TWS_STATE_TIME_WAIT),
	};

	__set_bit(40000, listening);
	e->counter.listening = listening;
	count(e, batch, ARRAY_SIZE(batch));
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&e->table, &in));
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &in)->sockets, 1);
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &in)->blocked, 0);
	KUNIT_ASSERT_NOT_NULL(test, tws_table_find(&e->table, &bound));
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &bound)->sockets, 1);
	KUNIT_EXPECT_EQ(test, tws_table_find(&e->table, &bound)->blocked, 0);
}

/* No port map was to be had: sockets are counted all the same. */
static void without_a_port_map(struct kunit *test)
{
	struct example *e = new_example(test);
	const struct tws_tuple t = on_port(40000, TWS_STATE_ESTABLISHED);

	e->counter.ports = NULL;
	count(e, &t, 1);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->sockets, 1);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->blocked, 0);
}

/*
 * The same addresses and ports twice, once on lo and once on no device, the
 * latter in the way of both: to a connect() on lo that is one port, not two.
 * They are at both ends of their slot, in both orders, with a socket of another
 * port between them.
 */
static void twins_on_a_device_and_on_none(struct kunit *test)
{
	int order;

	for (order = 0; order < 2; order++) {
		struct example *e = new_example(test);
		struct tws_tuple batch[] = {
			on_port(40003, TWS_STATE_ESTABLISHED),
			on_port(40000, TWS_STATE_ESTABLISHED),
			on_port(40001, TWS_STATE_ESTABLISHED),
			on_port(40000, TWS_STATE_ESTABLISHED),
			on_port(40002, TWS_STATE_ESTABLISHED),
		};

		batch[0].slot = SLOT - 1;
		batch[4].slot = SLOT + 1;
		batch[order ? 3 : 1].dev = LOOPBACK_IFINDEX;
		batch[2].dev = LOOPBACK_IFINDEX;
		count(e, batch, ARRAY_SIZE(batch));
		KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->sockets, 3);
		KUNIT_EXPECT_EQ(test, row_on(test, e, 0)->blocked, 3);
		KUNIT_EXPECT_EQ(test,
				row_on(test, e, LOOPBACK_IFINDEX)->sockets, 2);
		KUNIT_EXPECT_EQ(test,
				row_on(test, e, LOOPBACK_IFINDEX)->blocked, 1);
	}
}

/*
 * One of the twins may be taken over, the other may not. The kernel stops at the
 * first one of the chain: if that may be taken over, the port is free to a
 * connect() on lo, else it is not. To one on no device only its own counts.
 */
static void first_twin_decides(struct kunit *test)
{
	int order, which;

	for (order = 0; order < 2; order++) {
		for (which = 0; which < 2; which++) {
			struct example *e = new_example(test);
			struct tws_tuple batch[2];
			const struct tws_row *none, *lo;

			batch[which] = reusable(40000);
			batch[!which] = on_port(40000, TWS_STATE_TIME_WAIT);
			batch[order].dev = LOOPBACK_IFINDEX;
			e->counter.rule.mode = TWS_REUSE_ON;
			count(e, batch, ARRAY_SIZE(batch));
			none = row_on(test, e, 0);
			lo = row_on(test, e, LOOPBACK_IFINDEX);
			KUNIT_EXPECT_EQ(test, none->blocked, which == order);
			KUNIT_EXPECT_EQ(test, none->spared, 0);
			KUNIT_EXPECT_EQ(test,
					lo->blocked + none->blocked - lo->spared,
					which != 0);
		}
	}
}

/* Sockets in all combinations of state, age, timestamps, device and place. */
static void some_sockets(struct rnd_state *random, struct tws_tuple *batch,
			 unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const u16 port = 40000 + tws_test_below(random, 8);

		batch[i] = tws_test_below(random, 3) ?
			   reusable(port) :
			   on_port(port, tws_test_below(random, TWS_NR_STATES));
		if (!tws_test_below(random, 4))
			batch[i].ts_recent_stamp = 0;
		if (tws_test_below(random, 2))
			batch[i].dev = LOOPBACK_IFINDEX;
	}
}

/*
 * What is counted for tcp_tw_reuse=1 is what is counted with it, whatever the setting
 * is: on a device and on none, beside twins or not.
 */
static void with_reuse_on(struct kunit *test)
{
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	struct tws_tuple batch[12];
	int round, mode, dev;

	for (round = 0; round < 40; round++) {
		struct example *on = new_example(test);

		some_sockets(&random, batch, ARRAY_SIZE(batch));
		/* Both rows are there, without a twin. */
		batch[0] = on_port(40008, TWS_STATE_OTHER);
		batch[1] = on_port(40009, TWS_STATE_OTHER);
		batch[1].dev = LOOPBACK_IFINDEX;
		on->counter.rule.mode = TWS_REUSE_ON;
		count(on, batch, ARRAY_SIZE(batch));
		tws_count_finish(&on->counter);
		for (mode = TWS_REUSE_OFF; mode <= TWS_REUSE_LOOPBACK; mode++) {
			struct example *e = new_example(test);

			e->counter.rule.mode = mode;
			count(e, batch, ARRAY_SIZE(batch));
			tws_count_finish(&e->counter);
			for (dev = 0; dev <= LOOPBACK_IFINDEX; dev++) {
				const struct tws_row *want = row_on(test, on, dev);
				const struct tws_row *row = row_on(test, e, dev);

				KUNIT_EXPECT_EQ_MSG(test, row->blocked_if,
						    want->blocked,
						    "seed=%u round %d mode %d",
						    seed, round, mode);
				KUNIT_EXPECT_EQ_MSG(test, row->spared_if,
						    want->spared,
						    "seed=%u round %d mode %d",
						    seed, round, mode);
			}
		}
	}
}

static struct tws_tuple *new_batch(struct kunit *test, unsigned int nr)
{
	struct tws_tuple *batch = kunit_kcalloc(test, nr, sizeof(*batch),
						GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	return batch;
}

/* The same with 100 others in the batch, so that it has an index. */
static void first_twin_of_a_large_batch(struct kunit *test)
{
	const unsigned int nr = 102;
	struct tws_tuple *batch = new_batch(test, nr);
	struct example *e = new_example(test);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		batch[i] = on_port(40001, TWS_STATE_ESTABLISHED);
		batch[i].dport = htons(1000);
	}
	batch[7] = reusable(40000);
	batch[7].dev = LOOPBACK_IFINDEX;
	batch[90] = on_port(40000, TWS_STATE_ESTABLISHED);
	e->counter.rule.mode = TWS_REUSE_ON;
	count(e, batch, nr);
	KUNIT_EXPECT_EQ(test, row_on(test, e, LOOPBACK_IFINDEX)->spared, 1);
	KUNIT_EXPECT_EQ(test, row_on(test, e, LOOPBACK_IFINDEX)->reuse, 1);
	KUNIT_EXPECT_EQ(test, row_on(test, e, LOOPBACK_IFINDEX)->blocked, 0);
	tws_count_finish(&e->counter);
}

/* A batch too large for an index: twins are not found, and that is said. */
static void batch_without_an_index(struct kunit *test)
{
	const unsigned int nr = 8193;
	struct tws_tuple *batch = new_batch(test, nr);
	struct example *e = new_example(test);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		batch[i] = on_port(40000 + i % 10, TWS_STATE_ESTABLISHED);
		batch[i].dev = LOOPBACK_IFINDEX;
	}
	count(e, batch, nr);
	KUNIT_EXPECT_TRUE(test, e->counter.short_of_memory);
	KUNIT_EXPECT_EQ(test, row_on(test, e, LOOPBACK_IFINDEX)->sockets, nr);
	tws_count_finish(&e->counter);
}

/* Sockets on lo in one slot, each with a twin on no device. */
static u64 comparisons(struct kunit *test, unsigned int nr)
{
	struct tws_tuple *batch = new_batch(test, nr);
	struct example *e = new_example(test);
	unsigned int i;
	u64 compared;

	tws_table_free(&e->table);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 1024,
					     tws_test_hash(1)), 0);
	for (i = 0; i < nr; i++) {
		batch[i] = on_port(40000 + i / 2 % 10, TWS_STATE_ESTABLISHED);
		batch[i].dport = htons(1 + i / 20);
		batch[i].dev = i % 2 ? LOOPBACK_IFINDEX : 0;
	}
	count(e, batch, nr);
	compared = e->counter.twins.compared;
	KUNIT_EXPECT_FALSE(test, e->counter.short_of_memory);
	tws_count_finish(&e->counter);
	return compared;
}

/* A hostile table has one slot: twice the sockets cost twice as much. */
static void quadratic_scan(struct kunit *test)
{
	const u64 half = comparisons(test, 4096), whole = comparisons(test, 8192);

	KUNIT_EXPECT_GE(test, half, 2048);
	KUNIT_EXPECT_LE(test, whole * 10, half * 22);
}

/* Sockets that differ in one thing from that on lo are no twins of it. */
static void neighbours_are_no_twins(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_tuple batch[5];
	int i;

	for (i = 0; i < ARRAY_SIZE(batch); i++)
		batch[i] = on_port(40000, TWS_STATE_ESTABLISHED);
	batch[0].dev = LOOPBACK_IFINDEX;
	batch[1].dport = htons(444);
	batch[2].remote4 = htonl(TWS_SERVER + 1);
	batch[3].local4 = htonl(TWS_CLIENT + 1);
	batch[4].lport++;
	count(e, batch, ARRAY_SIZE(batch));
	KUNIT_EXPECT_EQ(test, row_on(test, e, LOOPBACK_IFINDEX)->blocked, 1);
}

/* More keys than rows: what has no row is hidden, and counted all the same. */
static void sockets_without_a_row(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_tuple t = on_port(40000, TWS_STATE_ESTABLISHED);
	int pass, i;

	for (pass = 0; pass < 2; pass++) {
		tws_count_restart(&e->counter);
		for (i = 0; i < 17; i++) {
			t.dport = htons(1 + i);
			count(e, &t, 1);
		}
		KUNIT_EXPECT_EQ(test, tws_table_second_pass(&e->table), !pass);
	}
	KUNIT_EXPECT_EQ(test, e->counter.sockets, 17);
	KUNIT_EXPECT_EQ(test, e->table.nr, 16);
	KUNIT_EXPECT_EQ(test, e->table.hidden_sockets, 1);
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
	}
	switch (tws_test_below(random, 16)) {
	case 0:
		tws_test_set_v6(&t, tws_test_v6(1), tws_test_v6(2));
		break;
	case 1:
		t.dev = 1;
		break;
	case 2:
		t.kind = TWS_KIND_REQUEST;
		break;
	case 3:
		t.local4 = htonl(TWS_IP4(127, 0, 0, 1));
		break;
	}
	return t;
}

static void count_all(struct example *e, const struct tws_tuple *batch, unsigned int nr)
{
	count(e, batch, nr);
	if (tws_table_second_pass(&e->table)) {
		tws_count_restart(&e->counter);
		count(e, batch, nr);
	}
	tws_table_finish(&e->table);
	tws_count_finish(&e->counter);
}

static void expect_same(struct kunit *test, const struct tws_table *table,
			const struct tws_table *other)
{
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
	}
}

/*
 * The quick way of ordinary IPv4 sockets and the way that all sockets can go: the same
 * sockets, some of which have no room.
 */
static void both_ways(struct kunit *test)
{
	const unsigned int nr = 2000;
	struct tws_tuple *batch = kunit_kmalloc_array(test, nr, sizeof(*batch),
						      GFP_KERNEL);
	struct example *quick, *slow;
	struct rnd_state random;
	unsigned int round, i;

	KUNIT_ASSERT_NOT_NULL(test, batch);
	tws_test_seed(test, &random);
	for (round = 0; round < 20; round++) {
		quick = new_example(test);
		slow = new_example(test);
		quick->counter.rule.mode = tws_test_below(&random, 3);
		slow->counter.rule.mode = quick->counter.rule.mode;
		__set_bit(40003, (unsigned long *)quick->counter.listening);
		__set_bit(40003, (unsigned long *)slow->counter.listening);
		for (i = 0; i < nr; i++)
			batch[i] = random_socket(&random);
		count_all(quick, batch, nr);
		KUNIT_EXPECT_GT(test, quick->table.hidden_sockets, 0);
		for (i = 0; i < nr; i++) {
			struct in6_addr local, remote;

			tws_tuple_addresses(&batch[i], &local, &remote);
			tws_test_set_v6(&batch[i], local, remote);
		}
		count_all(slow, batch, nr);
		expect_same(test, &quick->table, &slow->table);
	}
}

static struct kunit_case count_cases[] = {
	KUNIT_CASE(both_ways),
	KUNIT_CASE(each_state),
	KUNIT_CASE(reusable_timewait),
	KUNIT_CASE(reusable_fin_wait2),
	KUNIT_CASE(ports_that_are_skipped),
	KUNIT_CASE(port_that_is_not_tried),
	KUNIT_CASE(other_rows_block_nothing),
	KUNIT_CASE(without_a_port_map),
	KUNIT_CASE(twins_on_a_device_and_on_none),
	KUNIT_CASE(first_twin_decides),
	KUNIT_CASE(with_reuse_on),
	KUNIT_CASE(first_twin_of_a_large_batch),
	KUNIT_CASE(batch_without_an_index),
	KUNIT_CASE(quadratic_scan),
	KUNIT_CASE(neighbours_are_no_twins),
	KUNIT_CASE(sockets_without_a_row),
	{}
};

static struct kunit_suite count_suite = {
	.name = "tw_count",
	.test_cases = count_cases,
};

kunit_test_suite(count_suite);
