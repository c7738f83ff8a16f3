// SPDX-License-Identifier: GPL-2.0-only
/* A namespace with few ports, in which sockets are counted. */
#include <net/net_namespace.h>

#include "example.h"
#include "samples.h"

static void free_example(void *arg)
{
	struct tws_example *e = arg;

	tws_table_free(&e->table);
	tws_portmap_free(&e->ports);
}

/* A namespace with nothing in it, and a table of 16 rows. */
struct tws_example *tws_example(struct kunit *test)
{
	struct tws_example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

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
	e->counter.ports = &e->ports;
	e->counter.ports_known = true;
	e->counter.table = &e->table;
	e->counter.breath = &e->breath;
	tws_count_restart(&e->counter);
	return e;
}

const struct tws_clock tws_example_now = { .seconds = 1000, .ms = 1000000 };

void tws_example_count(struct tws_example *e, const struct tws_tuple *batch,
		       unsigned int nr)
{
	tws_count_batch(&e->counter, &tws_example_now, batch, nr);
	tws_table_settle(&e->table);
}

struct tws_tuple tws_example_socket(u16 lport, u8 state)
{
	struct tws_tuple t = tws_test_tuple();

	t.lport = lport;
	t.state = state;
	t.slot = TWS_EXAMPLE_SLOT;
	if (state == TWS_STATE_TIME_WAIT) {
		t.kind = TWS_KIND_TIMEWAIT;
		t.left_ms = 30000;
	}
	return t;
}

/* One that connect() may take over, where tcp_tw_reuse is 1. */
struct tws_tuple tws_example_reusable(u16 lport)
{
	struct tws_tuple t = tws_example_socket(lport, TWS_STATE_TIME_WAIT);

	t.ts_recent_stamp = tws_example_now.seconds - 100;
	return t;
}

const struct tws_row *tws_example_row(struct kunit *test, const struct tws_example *e,
				      int dev)
{
	struct tws_key key = tws_test_key(0);
	const struct tws_row *row;

	key.remote = tws_test_v4(TWS_SERVER);
	key.dev = dev;
	row = tws_table_find(&e->table, &key);
	KUNIT_ASSERT_NOT_NULL(test, row);
	return row;
}
