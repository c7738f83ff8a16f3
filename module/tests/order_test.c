// SPDX-License-Identifier: GPL-2.0-only
/* The order of the rows. */
#include "compute/level.h"
#include "compute/order.h"
#include "samples.h"

static struct tws_row out_row(u32 number, u8 level, u32 free, u32 used)
{
	struct tws_row row = {
		.key = tws_test_key(number),
		.sockets = used,
		.outlook = { .known = true, .level = level, .free = free },
	};

	return row;
}

static struct tws_row port_row(enum tws_dir dir, u16 port, u32 tw)
{
	struct tws_row row = {
		.key = tws_test_port_key(dir, TWS_CLIENT, port),
		.sockets = tw,
	};

	row.count[TWS_STATE_TIME_WAIT] = tw;
	return row;
}

static struct tws_row *some_rows(struct kunit *test, int nr)
{
	struct tws_row *rows = kunit_kcalloc(test, nr, sizeof(*rows),
					     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rows);
	return rows;
}

/* Put into a list in the opposite order, they are sorted into this one. */
static void expect_sorted(struct kunit *test, struct tws_row *rows, int nr)
{
	const struct tws_row *row;
	LIST_HEAD(list);
	int i;

	for (i = 0; i < nr; i++)
		list_add(&rows[i].list, &list);
	tws_rows_sort(&list, NULL);
	i = 0;
	list_for_each_entry(row, &list, list)
		KUNIT_EXPECT_PTR_EQ(test, row,
				    (const struct tws_row *)&rows[i++]);
	KUNIT_EXPECT_EQ(test, i, nr);
}

static void expect_order(struct kunit *test, struct tws_row *rows, int nr)
{
	int i, j;

	expect_sorted(test, rows, nr);

	for (i = 0; i < nr; i++)
		for (j = 0; j < nr; j++) {
			const int cmp = tws_row_cmp(&rows[i], &rows[j]);

			KUNIT_EXPECT_EQ_MSG(test, cmp < 0, i < j,
					    "rows %d and %d", i, j);
			KUNIT_EXPECT_EQ_MSG(test, cmp > 0, i > j,
					    "rows %d and %d", i, j);
		}
}

/* Level before free, free before used; of in and bound rows, most TIME_WAIT. */
static void worst_first(struct kunit *test)
{
	struct tws_row *rows = some_rows(test, 11);

	rows[0] = out_row(9, TWS_LEVEL_FULL, 0, 100);
	rows[1] = out_row(8, TWS_LEVEL_CRIT, 40, 960);
	rows[2] = out_row(7, TWS_LEVEL_CRIT, 50, 950);
	rows[3] = out_row(6, TWS_LEVEL_WARN, 10, 20);
	rows[4] = out_row(5, TWS_LEVEL_OK, 9, 1);
	rows[5] = out_row(4, TWS_LEVEL_OK, 900, 100);
	rows[6] = out_row(3, TWS_LEVEL_OK, 900, 99);
	rows[7] = port_row(TWS_IN, 443, 20000);
	rows[8] = port_row(TWS_IN, 80, 3);
	rows[9] = port_row(TWS_BOUND, 8080, 50000);
	rows[10] = port_row(TWS_BOUND, 22, 0);
	expect_order(test, rows, 11);
}

static struct tws_row failed_row(u32 number, u8 level, u32 free, u32 fail_last_ms)
{
	struct tws_row row = out_row(number, level, free, 5);

	row.fails = 1;
	row.fail_last_ms = fail_last_ms;
	return row;
}

/* Within a level, who failed in the last 600 s: the latest failure first. */
static void failed_lately(struct kunit *test)
{
	struct tws_row *rows = some_rows(test, 7);

	rows[0] = out_row(1, TWS_LEVEL_WARN, 100, 900);
	rows[1] = failed_row(2, TWS_LEVEL_OK, 28232, 95000);
	rows[2] = failed_row(3, TWS_LEVEL_OK, 7, 600000);
	rows[3] = out_row(4, TWS_LEVEL_OK, 6, 5);
	rows[4] = failed_row(5, TWS_LEVEL_OK, 8, 600001);
	rows[5] = out_row(6, TWS_LEVEL_OK, 9, 5);
	rows[6] = failed_row(7, TWS_LEVEL_OK, 10, 3600000);
	expect_order(test, rows, 7);
}

/* What is not known is not bad: after all that is, most used first. */
static void unknown_is_last(struct kunit *test)
{
	struct tws_row *rows = some_rows(test, 4);

	rows[0] = out_row(1, TWS_LEVEL_OK, 28232, 1);
	rows[1] = out_row(2, TWS_LEVEL_OK, 0, 5000);
	rows[1].outlook.known = false;
	rows[2] = out_row(3, TWS_LEVEL_OK, 0, 4999);
	rows[2].outlook.known = false;
	rows[3] = port_row(TWS_IN, 80, 1);
	expect_order(test, rows, 4);
}

/* Ties: addresses and ports as numbers (9 before 10), IPv4 before 2001:. */
static void ties_by_address(struct kunit *test)
{
	struct tws_row *rows = some_rows(test, 7);
	int i;

	for (i = 0; i < 7; i++)
		rows[i] = out_row(0, TWS_LEVEL_OK, 5, 5);
	rows[0].key.local = tws_test_v4(TWS_IP4(10, 0, 0, 9));
	for (i = 1; i < 5; i++)
		rows[i].key.local = tws_test_v4(TWS_IP4(10, 0, 0, 10));
	rows[1].key.remote = tws_test_v4(TWS_IP4(10, 0, 9, 9));
	for (i = 2; i < 5; i++)
		rows[i].key.remote = tws_test_v4(TWS_IP4(10, 0, 9, 10));
	rows[2].key.rport = 99;
	rows[3].key.rport = 100;
	rows[4].key.rport = 100;
	rows[4].key.dev = 2;
	rows[5].key.local = tws_test_v6(1);
	rows[6].key.local = tws_test_v6(2);
	expect_order(test, rows, 7);
}

/* Ties of in rows: by address, then by port as a number. */
static void ties_by_port(struct kunit *test)
{
	struct tws_row *rows = some_rows(test, 4);

	rows[0] = port_row(TWS_IN, 80, 7);
	rows[1] = port_row(TWS_IN, 443, 7);
	rows[2] = port_row(TWS_IN, 8080, 7);
	rows[3] = port_row(TWS_IN, 80, 7);
	rows[3].key.local = tws_test_v4(TWS_CLIENT + 1);
	expect_order(test, rows, 4);
}

/* Few values for each field, so that there are ties at every level. */
static struct tws_row random_row(struct rnd_state *random)
{
	struct tws_row row = {};

	row.key.dir = tws_test_below(random, TWS_NR_DIRS);
	row.key.local = tws_test_below(random, 2) ? tws_test_v6(1) :
			tws_test_v4(TWS_CLIENT);
	row.key.dev = tws_test_below(random, 2);
	if (row.key.dir == TWS_OUT) {
		row.key.remote = tws_test_v4(tws_test_below(random, 3));
		row.key.rport = tws_test_below(random, 2);
		row.outlook.known = tws_test_below(random, 4);
	} else {
		row.key.lport = tws_test_below(random, 3);
	}
	if (row.outlook.known) {
		row.outlook.level = tws_test_below(random, TWS_NR_LEVELS);
		row.outlook.free = tws_test_below(random, 2) ? TWS_PORTS :
				   tws_test_below(random, 3);
	}
	row.fails = tws_test_below(random, 2);
	row.fail_last_ms = tws_test_below(random, 3) * TWS_FAILED_LATELY_MS;
	row.sockets = tws_test_below(random, 3) * TWS_PORTS / 2;
	row.count[TWS_STATE_TIME_WAIT] = tws_test_below(random, 2) * U32_MAX;
	return row;
}

static int compare(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int compare_keys(const struct tws_key *a, const struct tws_key *b)
{
	return memcmp(&a->local, &b->local, sizeof(a->local)) ?:
	       compare(a->lport, b->lport) ?:
	       memcmp(&a->remote, &b->remote, sizeof(a->remote)) ?:
	       compare(a->rport, b->rport) ?: compare(a->dev, b->dev);
}

static u64 failed_ms(const struct tws_row *row)
{
	return row->fails && row->fail_last_ms <= TWS_FAILED_LATELY_MS ?
	       row->fail_last_ms : U64_MAX;
}

/* What docs/interface.md says of the order, field by field. */
static int by_the_fields(const struct tws_row *a, const struct tws_row *b)
{
	if (a->key.dir != b->key.dir)
		return compare(a->key.dir, b->key.dir);
	if (a->key.dir != TWS_OUT)
		return compare(b->count[TWS_STATE_TIME_WAIT], a->count[TWS_STATE_TIME_WAIT]) ?:
		       compare_keys(&a->key, &b->key);
	return compare(b->outlook.level, a->outlook.level) ?:
	       compare(failed_ms(a), failed_ms(b)) ?:
	       compare(a->outlook.known ? a->outlook.free : U32_MAX,
		       b->outlook.known ? b->outlook.free : U32_MAX) ?:
	       compare(b->sockets, a->sockets) ?: compare_keys(&a->key, &b->key);
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

#define ROWS	40

/* 40 random rows, all pairs and all triples of them, 20 times. */
static void total_order(struct kunit *test)
{
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	u32 one_sided = 0, equal = 0, cycles = 0, other = 0;
	struct tws_row *rows = some_rows(test, ROWS);
	int round, i, j, k;
	s8 (*cmp)[ROWS];

	cmp = kunit_kcalloc(test, ROWS, sizeof(*cmp), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cmp);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < ROWS; i++)
			rows[i] = random_row(&random);
		for (i = 0; i < ROWS; i++)
			for (j = 0; j < ROWS; j++)
				cmp[i][j] = sign(tws_row_cmp(&rows[i],
							     &rows[j]));
		for (i = 0; i < ROWS; i++)
			for (j = 0; j < ROWS; j++) {
				one_sided += cmp[i][j] != -cmp[j][i];
				other += cmp[i][j] != sign(by_the_fields(&rows[i], &rows[j]));
				equal += !cmp[i][j] &&
					 memcmp(&rows[i].key, &rows[j].key,
						sizeof(rows[i].key));
				for (k = 0; k < ROWS; k++)
					cycles += cmp[i][j] < 0 &&
						  cmp[j][k] < 0 &&
						  cmp[i][k] >= 0;
			}
	}
	KUNIT_EXPECT_EQ_MSG(test, one_sided, 0, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, equal, 0, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, other, 0, "seed=%u", seed);
	KUNIT_EXPECT_EQ_MSG(test, cycles, 0, "seed=%u", seed);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE(worst_first),
	KUNIT_CASE(failed_lately),
	KUNIT_CASE(unknown_is_last),
	KUNIT_CASE(ties_by_address),
	KUNIT_CASE(ties_by_port),
	KUNIT_CASE(total_order),
	{}
};

static struct kunit_suite order_suite = {
	.name = "tw_order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
