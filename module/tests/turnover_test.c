// SPDX-License-Identifier: GPL-2.0-only
/* Which ports come back by themselves, and when. */
#include <linux/bitmap.h>

#include "compute/portmap.h"
#include "compute/turnover.h"
#include "samples.h"

/* 100 ports, all of which bind() has taken. */
#define FIRST	40000u
#define NR	100u

struct example {
	struct tws_ends ends;
	struct tws_turnover sum;
	unsigned long *open;
	unsigned long *usable;
};

static void free_example(void *arg)
{
	struct example *e = arg;

	tws_ends_free(&e->ends);
}

static struct example *new_example(struct kunit *test)
{
	struct example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->open = tws_test_bitmap(test);
	e->usable = tws_test_bitmap(test);
	bitmap_set(e->open, FIRST, NR);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_example, e), 0);
	return e;
}

static void note(struct kunit *test, struct example *e, u16 port, u8 kind, u8 state,
		 u32 left_ms)
{
	struct tws_tuple t = tws_test_tuple();

	t.lport = port;
	t.kind = kind;
	t.state = state;
	t.left_ms = left_ms;
	KUNIT_ASSERT_TRUE(test, tws_ends_note(&e->ends, &t));
}

static void note_timewait(struct kunit *test, struct example *e, u16 port, u32 left_ms)
{
	note(test, e, port, TWS_KIND_TIMEWAIT, TWS_STATE_TIME_WAIT, left_ms);
}

static void sum(struct example *e, u32 fin_s)
{
	tws_ends_sum(&e->sum, &e->ends, e->open, e->usable, fin_s);
}

/* Sockets that are bound and no more: no timer gives their ports back. */
static void nothing_comes_back(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i;

	sum(e, 60);
	KUNIT_EXPECT_EQ(test, e->sum.kept, NR);
	for (i = 0; i < TWS_AGE_BINS; i++)
		KUNIT_EXPECT_EQ(test, e->sum.due[i], 0);
}

/* A port comes back with its last timer, and never if a socket has none. */
static void last_socket_decides(struct kunit *test)
{
	struct example *e = new_example(test);

	note_timewait(test, e, FIRST, 60000);
	note_timewait(test, e, FIRST, 10);
	note_timewait(test, e, FIRST + 1, 30500);
	note_timewait(test, e, FIRST + 2, 60000);
	note(test, e, FIRST + 2, TWS_KIND_FULL, TWS_STATE_ESTABLISHED, 0);
	note_timewait(test, e, FIRST + 2, 60000);
	/* Beyond the range, and one that connect() uses: not of these. */
	note_timewait(test, e, FIRST + NR, 5000);
	note_timewait(test, e, FIRST + 3, 5000);
	__set_bit(FIRST + 3, e->usable);
	sum(e, 60);
	KUNIT_EXPECT_EQ(test, e->sum.kept, NR - 3);
	KUNIT_EXPECT_EQ(test, e->sum.due[59], 1);
	KUNIT_EXPECT_EQ(test, e->sum.due[30], 1);
	KUNIT_EXPECT_EQ(test, e->sum.due[4], 0);
	KUNIT_EXPECT_EQ(test, e->sum.closes_10s, 1);
	KUNIT_EXPECT_EQ(test, e->sum.fin_wait2, 0);
}

/* tcp_fin_timeout is 30 s: two are new, one is older, one was to stay for longer. */
static void sockets_in_fin_wait2(struct kunit *test)
{
	static const u32 left[] = { 30000, 20500, 19900, 45000, 900 };
	struct example *e = new_example(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(left); i++)
		note(test, e, FIRST + i, TWS_KIND_TIMEWAIT, TWS_STATE_FIN_WAIT2, left[i]);
	sum(e, 30);
	KUNIT_EXPECT_EQ(test, e->sum.kept, NR - 5);
	KUNIT_EXPECT_EQ(test, e->sum.fin_wait2, 5);
	KUNIT_EXPECT_EQ(test, e->sum.fin_wait2_new, 2);
	KUNIT_EXPECT_EQ(test, e->sum.fin_wait2_due, 1);
	KUNIT_EXPECT_EQ(test, e->sum.closes_10s, 0);
	KUNIT_EXPECT_EQ(test, e->sum.due[29], 1);
	KUNIT_EXPECT_EQ(test, e->sum.due[20], 1);
	KUNIT_EXPECT_EQ(test, e->sum.due[0], 1);
}

/* A second pass begins anew. */
static void forgotten(struct kunit *test)
{
	struct example *e = new_example(test);

	note_timewait(test, e, FIRST, 60000);
	tws_ends_forget(&e->ends);
	sum(e, 60);
	KUNIT_EXPECT_EQ(test, e->sum.kept, NR);
	note_timewait(test, e, FIRST, 5000);
	sum(e, 60);
	KUNIT_EXPECT_EQ(test, e->sum.due[4], 1);
}

/* All ports there are, the lowest and the highest too. */
static void every_port(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 port;

	bitmap_fill(e->open, TWS_PORTS);
	for (port = 0; port < TWS_PORTS; port += 5)
		note_timewait(test, e, port, port % 60000);
	sum(e, 60);
	KUNIT_EXPECT_EQ(test, e->sum.kept, TWS_PORTS - DIV_ROUND_UP(TWS_PORTS, 5));
}

static struct kunit_case turnover_cases[] = {
	KUNIT_CASE(nothing_comes_back),
	KUNIT_CASE(last_socket_decides),
	KUNIT_CASE(sockets_in_fin_wait2),
	KUNIT_CASE(forgotten),
	KUNIT_CASE(every_port),
	{}
};

static struct kunit_suite turnover_suite = {
	.name = "tw_turnover",
	.test_cases = turnover_cases,
};

kunit_test_suite(turnover_suite);
