// SPDX-License-Identifier: GPL-2.0-only
/* Sockets with a twin of a wider scope: the same addresses and ports, on no device. */
#include <linux/bitops.h>
#include <net/net_namespace.h>

#include "example.h"
#include "samples.h"

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
		struct tws_example *e = tws_example(test);
		struct tws_tuple batch[] = {
			tws_example_socket(40003, TWS_STATE_ESTABLISHED),
			tws_example_socket(40000, TWS_STATE_ESTABLISHED),
			tws_example_socket(40001, TWS_STATE_ESTABLISHED),
			tws_example_socket(40000, TWS_STATE_ESTABLISHED),
			tws_example_socket(40002, TWS_STATE_ESTABLISHED),
		};

		batch[0].slot = TWS_EXAMPLE_SLOT - 1;
		batch[4].slot = TWS_EXAMPLE_SLOT + 1;
		batch[order ? 3 : 1].dev = LOOPBACK_IFINDEX;
		batch[2].dev = LOOPBACK_IFINDEX;
		tws_example_count(e, batch, ARRAY_SIZE(batch));
		KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->sockets, 3);
		KUNIT_EXPECT_EQ(test, tws_example_row(test, e, 0)->blocked, 3);
		KUNIT_EXPECT_EQ(test,
				tws_example_row(test, e, LOOPBACK_IFINDEX)->sockets, 2);
		KUNIT_EXPECT_EQ(test,
				tws_example_row(test, e, LOOPBACK_IFINDEX)->blocked, 1);
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
			struct tws_example *e = tws_example(test);
			struct tws_tuple batch[2];
			const struct tws_row *none, *lo;

			batch[which] = tws_example_reusable(40000);
			batch[!which] = tws_example_socket(40000, TWS_STATE_TIME_WAIT);
			batch[order].dev = LOOPBACK_IFINDEX;
			e->counter.rule.mode = TWS_REUSE_ON;
			tws_example_count(e, batch, ARRAY_SIZE(batch));
			none = tws_example_row(test, e, 0);
			lo = tws_example_row(test, e, LOOPBACK_IFINDEX);
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
			   tws_example_reusable(port) :
			   tws_example_socket(port, tws_test_below(random, TWS_NR_STATES));
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
		struct tws_example *on = tws_example(test);

		some_sockets(&random, batch, ARRAY_SIZE(batch));
		/* Both rows are there, without a twin. */
		batch[0] = tws_example_socket(40008, TWS_STATE_OTHER);
		batch[1] = tws_example_socket(40009, TWS_STATE_OTHER);
		batch[1].dev = LOOPBACK_IFINDEX;
		on->counter.rule.mode = TWS_REUSE_ON;
		tws_example_count(on, batch, ARRAY_SIZE(batch));
		tws_count_finish(&on->counter);
		for (mode = TWS_REUSE_OFF; mode <= TWS_REUSE_LOOPBACK; mode++) {
			struct tws_example *e = tws_example(test);

			e->counter.rule.mode = mode;
			tws_example_count(e, batch, ARRAY_SIZE(batch));
			tws_count_finish(&e->counter);
			for (dev = 0; dev <= LOOPBACK_IFINDEX; dev++) {
				const struct tws_row *want = tws_example_row(test, on, dev);
				const struct tws_row *row = tws_example_row(test, e, dev);

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
	struct tws_example *e = tws_example(test);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		batch[i] = tws_example_socket(40001, TWS_STATE_ESTABLISHED);
		batch[i].dport = htons(1000);
	}
	batch[7] = tws_example_reusable(40000);
	batch[7].dev = LOOPBACK_IFINDEX;
	batch[90] = tws_example_socket(40000, TWS_STATE_ESTABLISHED);
	e->counter.rule.mode = TWS_REUSE_ON;
	tws_example_count(e, batch, nr);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, LOOPBACK_IFINDEX)->spared, 1);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, LOOPBACK_IFINDEX)->reuse, 1);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, LOOPBACK_IFINDEX)->blocked, 0);
	tws_count_finish(&e->counter);
}

/* A batch too large for an index: twins are not found, and that is said. */
static void batch_without_an_index(struct kunit *test)
{
	const unsigned int nr = 8193;
	struct tws_tuple *batch = new_batch(test, nr);
	struct tws_example *e = tws_example(test);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		batch[i] = tws_example_socket(40000 + i % 10, TWS_STATE_ESTABLISHED);
		batch[i].dev = LOOPBACK_IFINDEX;
	}
	tws_example_count(e, batch, nr);
	KUNIT_EXPECT_TRUE(test, e->counter.short_of_memory);
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, LOOPBACK_IFINDEX)->sockets, nr);
	tws_count_finish(&e->counter);
}

/* Sockets on lo in one slot, each with a twin on no device. */
static u64 comparisons(struct kunit *test, unsigned int nr)
{
	struct tws_tuple *batch = new_batch(test, nr);
	struct tws_example *e = tws_example(test);
	unsigned int i;
	u64 compared;

	tws_table_free(&e->table);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 1024,
					     tws_test_hash(1)), 0);
	for (i = 0; i < nr; i++) {
		batch[i] = tws_example_socket(40000 + i / 2 % 10, TWS_STATE_ESTABLISHED);
		batch[i].dport = htons(1 + i / 20);
		batch[i].dev = i % 2 ? LOOPBACK_IFINDEX : 0;
	}
	tws_example_count(e, batch, nr);
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
	struct tws_example *e = tws_example(test);
	struct tws_tuple batch[5];
	int i;

	for (i = 0; i < ARRAY_SIZE(batch); i++)
		batch[i] = tws_example_socket(40000, TWS_STATE_ESTABLISHED);
	batch[0].dev = LOOPBACK_IFINDEX;
	batch[1].dport = htons(444);
	batch[2].remote4 = htonl(TWS_SERVER + 1);
	batch[3].local4 = htonl(TWS_CLIENT + 1);
	batch[4].lport++;
	tws_example_count(e, batch, ARRAY_SIZE(batch));
	KUNIT_EXPECT_EQ(test, tws_example_row(test, e, LOOPBACK_IFINDEX)->blocked, 1);
}

static struct kunit_case count_wider_cases[] = {
	KUNIT_CASE(twins_on_a_device_and_on_none),
	KUNIT_CASE(first_twin_decides),
	KUNIT_CASE(with_reuse_on),
	KUNIT_CASE(first_twin_of_a_large_batch),
	KUNIT_CASE(batch_without_an_index),
	KUNIT_CASE(quadratic_scan),
	KUNIT_CASE(neighbours_are_no_twins),
	{}
};

static struct kunit_suite count_wider_suite = {
	.name = "tw_count_wider",
	.test_cases = count_wider_cases,
};

kunit_test_suite(count_wider_suite);
