// SPDX-License-Identifier: GPL-2.0-only
/* What is left for each destination, once all is counted. */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <net/net_namespace.h>

#include "compute/forecast.h"
#include "compute/level.h"
#include "outlook.h"
#include "compute/portmap.h"
#include "samples.h"
#include "thresholds.h"

/* 100 usable ports, thresholds as they are by default, and a few rows. */
struct example {
	struct tws_net_thresholds thresholds;
	struct tws_portmap ports;
	struct tws_table table;
	struct tws_crowd crowd;
	u32 fin_s;
	u32 past_ms;
	bool dropping;
};

static void free_example(void *arg)
{
	struct example *e = arg;

	tws_table_free(&e->table);
	tws_portmap_free(&e->ports);
	tws_net_thresholds_free(&e->thresholds);
}

static struct example *new_example(struct kunit *test)
{
	static const struct tws_range range = { .low = 40000, .high = 40099 };
	struct example *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	tws_net_thresholds_init(&e->thresholds);
	e->crowd.max = 262144;
	e->fin_s = 60;
	KUNIT_ASSERT_EQ(test, tws_portmap_init(&e->ports, &range), 0);
	tws_portmap_finish(&e->ports);
	KUNIT_ASSERT_EQ(test, tws_table_init(&e->table, 16,
					     tws_test_hash(1)), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_example, e),
			0);
	return e;
}

static void look(struct example *e)
{
	struct tws_thresholds_view view;
	struct tws_judge judge = {
		.net = &init_net,
		.ports = &e->ports,
		.thresholds = &view,
		.fin_s = e->fin_s,
		.past_ms = e->past_ms,
		.dropping = e->dropping,
		.crowd = &e->crowd,
	};

	tws_portmap_sum(&e->ports, judge.fin_s);
	tws_thresholds_view_get(&view, &e->thresholds);
	tws_outlook_rows(&e->table, &judge);
	tws_thresholds_view_put(&view);
}

static struct tws_row *row_on(struct kunit *test, struct example *e,
			      u32 number, int dev)
{
	struct tws_key key = tws_test_key(number);
	struct tws_row *row;

	key.dev = dev;
	row = tws_test_row(&e->table, &key);
	KUNIT_ASSERT_NOT_NULL(test, row);
	return row;
}

/* 40 ports blocked of 100, all by TIME_WAITs of 30 s, nothing closes. */
static void some_are_left(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 40;
	row->count[TWS_STATE_TIME_WAIT] = 40;
	row->age[30] = 40;
	row->blocked = 40;
	row->blocked_tw = 40;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_TRUE(test, row->outlook.known);
	KUNIT_EXPECT_EQ(test, row->outlook.open, 100);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 60);
	KUNIT_EXPECT_EQ(test, row->outlook.level, TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, TWS_NEVER);
}

/* 20 close in a second and 80 are left: at 2/s that takes 40 s. */
static void closing_fast(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 20;
	row->count[TWS_STATE_TIME_WAIT] = 20;
	row->age[0] = 20;
	row->blocked = 20;
	row->blocked_tw = 20;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 80);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 40000);
}

/* More blocked than usable, as under churn: 0, not four billion. */
static void never_less_than_none(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 101;
	row->blocked = 101;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_TRUE(test, row->outlook.known);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.level, TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 0);
}

/* So many ports of 100 belong to bind(): they are skipped for every destination. */
static void take_by_bind(struct example *e, u32 nr)
{
	struct tws_used_port used = { .skipped = true };
	u32 i;

	for (i = 0; i < nr; i++) {
		used.port = 40000 + i;
		tws_portmap_add(&e->ports, &used);
	}
	tws_portmap_finish(&e->ports);
}

/*
 * A program that binds first has 40 ports: 20 are open, 20 closed in the last ten seconds.
 * Each second two more are lost to this destination, which has 60, until the first comes
 * back after 50 s: it does not notice.
 */
static void others_bind_first(struct kunit *test)
{
	struct tws_tuple t = tws_test_tuple();
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);
	u32 i;

	take_by_bind(e, 40);
	for (i = 0; i < 20; i++) {
		t.kind = TWS_KIND_TIMEWAIT;
		t.state = TWS_STATE_TIME_WAIT;
		t.lport = 40000 + i;
		t.left_ms = 59900 - 500 * i;
		KUNIT_ASSERT_TRUE(test,
				  tws_ends_note(&tws_portmap_vrf(&e->ports, 0)->ends, &t));
	}
	row->sockets = 1;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 60);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.kept, 20);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 30000);
}

/* The same destination's own connections bind first: each is counted once. */
static void own_connections_bind_first(struct kunit *test)
{
	struct tws_tuple t = tws_test_tuple();
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);
	struct tws_aside *aside;

	take_by_bind(e, 20);
	aside = tws_row_aside(&e->table, row);
	KUNIT_ASSERT_NOT_NULL(test, aside);
	row->sockets = 20;
	row->count[TWS_STATE_TIME_WAIT] = 20;
	row->age[0] = 20;
	aside->skipped[0] = 20;
	t.kind = TWS_KIND_TIMEWAIT;
	t.state = TWS_STATE_TIME_WAIT;
	t.left_ms = 59900;
	for (t.lport = 40000; t.lport < 40020; t.lport++)
		KUNIT_ASSERT_TRUE(test,
				  tws_ends_note(&tws_portmap_vrf(&e->ports, 0)->ends, &t));
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 80);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 40000);
}

/* Ten seconds ago 20 connections were open, now 40 are: 60 are left, for 30 s. */
static struct tws_row *leaking_row(struct kunit *test, struct example *e)
{
	struct tws_row *row = row_on(test, e, 1, 0);

	e->past_ms = 10000;
	row->sockets = 40;
	row->count[TWS_STATE_ESTABLISHED] = 40;
	row->blocked = 40;
	row->outlook.growth = (struct tws_growth){ .compared = true, .then = 20, .last = 20 };
	return row;
}

static void leak_of_connections(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = leaking_row(test, e);

	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.per_10s, 20);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 30000);
}

/* In between it had more: a pool that breathes. If it falls, nothing runs out. */
static void pool_that_breathes(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = leaking_row(test, e);

	row->outlook.growth.rises = 30;
	row->outlook.growth.falls = 30;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.per_10s, 20);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, TWS_NEVER);
	row->outlook.growth = (struct tws_growth){ .compared = true, .then = 80, .last = 80 };
	look(e);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.per_10s, -40);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, TWS_NEVER);
}

/* So many sockets in FIN_WAIT2, each of which is of this age by its timer. */
static struct tws_row *row_in_fin_wait2(struct kunit *test, struct example *e, u32 nr,
					u32 age_bin)
{
	struct tws_row *row = row_on(test, e, 1, 0);
	struct tws_aside *aside = tws_row_aside(&e->table, row);

	KUNIT_ASSERT_NOT_NULL(test, aside);
	row->sockets = nr;
	row->count[TWS_STATE_FIN_WAIT2] = nr;
	row->blocked = nr;
	row->blocked_fw2 = nr;
	aside->fin_wait2[age_bin] = nr;
	return row;
}

/*
 * tcp_fin_timeout is 5 s, and 10 went to FIN_WAIT2 in this time, all of them in the last
 * second. That is 2/s, and 8 ports are left: 4 s, just before the first come back.
 */
static void fin_wait2_for_a_short_time(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_in_fin_wait2(test, e, 10, 55);

	e->fin_s = 5;
	row->sockets += 82;
	row->count[TWS_STATE_ESTABLISHED] = 82;
	row->blocked += 82;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 8);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 4000);
}

/*
 * Ten seconds ago none was in FIN_WAIT2, now 30 are: 70 are left, for 23.3 s. Their timers
 * have 30 s left, since the program has asked for less than tcp_fin_timeout.
 */
static void fin_wait2_that_was_seen_to_grow(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_in_fin_wait2(test, e, 30, 30);

	e->past_ms = 10000;
	row->outlook.growth.compared = true;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.per_10s, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 23333);
}

/* 30 went to FIN_WAIT2 within 10 s, and stay for 60 s: 70 are left, for 23.3 s. */
static void fin_wait2_grows(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);
	struct tws_aside *aside = tws_row_aside(&e->table, row);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, aside);
	row->sockets = 30;
	row->count[TWS_STATE_FIN_WAIT2] = 30;
	row->blocked = 30;
	row->blocked_fw2 = 30;
	for (i = 0; i < 10; i++)
		aside->fin_wait2[i] = 3;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.growth.kept, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 70);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 23333);
}

/* The kernel makes no timewait sockets any more: only what does not come back counts. */
static void no_room_for_timewaits(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = leaking_row(test, e);

	row->count[TWS_STATE_TIME_WAIT] = 10;
	row->age[0] = 10;
	row->blocked += 10;
	row->blocked_tw = 10;
	e->dropping = true;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 50);
	KUNIT_EXPECT_EQ(test, row->outlook.full_ms, 25000);
}

/* There is room for 30 more timewait sockets, and others close as fast: 15 ports. */
static void little_room_for_timewaits(struct kunit *test)
{
	struct example *e = new_example(test);
	u32 i;

	e->crowd.nr = 40;
	e->crowd.max = 70;
	for (i = 1; i <= 2; i++) {
		struct tws_row *row = row_on(test, e, i, 0);

		row->count[TWS_STATE_TIME_WAIT] = 20;
		row->age[0] = 20;
		row->blocked = 20;
		row->blocked_tw = 20;
	}
	look(e);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 1, 0)->outlook.full_ms, TWS_NEVER);
	for (i = 1; i <= 2; i++)
		row_on(test, e, i, 0)->blocked = 90;
	look(e);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 1, 0)->outlook.full_ms, 5000);
}

/* All ports are reserved: full, with nothing used and nothing to divide by. */
static void nothing_is_usable(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);
	u32 port;

	row->sockets = 1;
	for (port = 40000; port <= 40099; port++)
		__set_bit(port, e->ports.reserved);
	tws_portmap_finish(&e->ports);
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_TRUE(test, row->outlook.known);
	KUNIT_EXPECT_EQ(test, row->outlook.open, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.level, TWS_LEVEL_FULL);
}

/* A program that binds first has 85 ports, this destination's row blocks 10 more. */
static void bound_ports_count_as_used(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	take_by_bind(e, 85);
	row->sockets = 10;
	row->blocked = 10;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.open, 100);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 5);
	KUNIT_EXPECT_EQ(test, row->outlook.level, TWS_LEVEL_CRIT);
}

/* The level of a destination that nobody has used, with so many ports bound. */
static enum tws_level fresh(struct kunit *test, u32 bound)
{
	struct example *e = new_example(test);
	struct tws_thresholds_view view;
	struct tws_outlook outlook;

	take_by_bind(e, bound);
	tws_thresholds_view_get(&view, &e->thresholds);
	tws_outlook_fresh(&outlook, &e->ports, &view);
	tws_thresholds_view_put(&view);
	KUNIT_EXPECT_TRUE(test, outlook.known);
	KUNIT_EXPECT_EQ(test, outlook.open, 100);
	KUNIT_EXPECT_EQ(test, outlook.free, 100 - bound);
	return outlook.level;
}

static void level_of_a_fresh_destination(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fresh(test, 0), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, fresh(test, 79), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, fresh(test, 80), TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, fresh(test, 95), TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, fresh(test, 100), TWS_LEVEL_FULL);
}

/*
 * 30 ports blocked on no device, 5 more on lo: 70 are left to an unbound
 * socket, 65 to one that is bound to lo. Another destination is not concerned.
 */
static void wider_scope_blocks_too(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 30;
	row->blocked = 30;
	row = row_on(test, e, 1, LOOPBACK_IFINDEX);
	row->sockets = 5;
	row->blocked = 5;
	row_on(test, e, 2, LOOPBACK_IFINDEX)->sockets = 1;
	look(e);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 1, 0)->outlook.free, 70);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 1, LOOPBACK_IFINDEX)->outlook.free,
			65);
	KUNIT_EXPECT_EQ(test, row_on(test, e, 2, LOOPBACK_IFINDEX)->outlook.free,
			100);
}

/* The row without a device may be hidden: that on lo is not known. */
static void wider_scope_may_be_hidden(struct kunit *test)
{
	struct example *e = new_example(test);

	row_on(test, e, 1, LOOPBACK_IFINDEX)->sockets = 5;
	row_on(test, e, 2, 0)->sockets = 5;
	e->table.hidden_sockets = 1;
	look(e);
	KUNIT_EXPECT_FALSE(test,
			   row_on(test, e, 1, LOOPBACK_IFINDEX)->outlook.known);
	KUNIT_EXPECT_TRUE(test, row_on(test, e, 2, 0)->outlook.known);
}

/* Served ports have no outlook. */
static void served_ports_have_none(struct kunit *test)
{
	const struct tws_key key = tws_test_port_key(TWS_IN, TWS_CLIENT, 80);
	struct example *e = new_example(test);
	struct tws_row *row = tws_test_row(&e->table, &key);

	KUNIT_ASSERT_NOT_NULL(test, row);
	row->sockets = 5;
	look(e);
	row = tws_test_row(&e->table, &key);
	KUNIT_EXPECT_FALSE(test, row->outlook.known);
	KUNIT_EXPECT_EQ(test, row->outlook.level, TWS_LEVEL_OK);
}

/* The level of the hidden ones if one of them may have so many sockets. */
static enum tws_level hidden(struct example *e, u64 most)
{
	struct tws_thresholds_view view;
	enum tws_level level;

	e->table.hidden_most = most;
	tws_thresholds_view_get(&view, &e->thresholds);
	level = tws_outlook_hidden(&e->table, &e->ports, &view);
	tws_thresholds_view_put(&view);
	return level;
}

/* 79, 80, 95 and 100 sockets of 100 ports: what a hidden destination may be. */
static void level_of_the_hidden(struct kunit *test)
{
	struct example *e = new_example(test);

	KUNIT_EXPECT_EQ(test, hidden(e, 0), TWS_LEVEL_OK);
	e->table.hidden_out = 1000;
	KUNIT_EXPECT_EQ(test, hidden(e, 79), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, hidden(e, 80), TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, hidden(e, 95), TWS_LEVEL_CRIT);
	KUNIT_EXPECT_EQ(test, hidden(e, 100), TWS_LEVEL_FULL);
	/* No more than are hidden at all. */
	e->table.hidden_out = 3;
	KUNIT_EXPECT_EQ(test, hidden(e, 100), TWS_LEVEL_OK);
}

/* Bound to a device: sockets of its VRF and of no device are in the way too. */
static void level_of_the_hidden_on_a_device(struct kunit *test)
{
	struct example *e = new_example(test);

	e->table.hidden_out = 1000;
	KUNIT_EXPECT_EQ(test, hidden(e, 40), TWS_LEVEL_OK);
	e->table.hidden_on_device = true;
	KUNIT_EXPECT_EQ(test, hidden(e, 40), TWS_LEVEL_FULL);
	KUNIT_EXPECT_EQ(test, hidden(e, 10), TWS_LEVEL_OK);
	row_on(test, e, 1, 0)->blocked = 40;
	KUNIT_EXPECT_EQ(test, hidden(e, 10), TWS_LEVEL_WARN);
}

/* The rule that warns first decides. */
static void strictest_rule_for_the_hidden(struct kunit *test)
{
	struct tws_shared_rules *rules = kvzalloc(sizeof(*rules), GFP_KERNEL);
	struct example *e = new_example(test);

	KUNIT_ASSERT_NOT_NULL(test, rules);
	refcount_set(&rules->refs, 1);
	rules->rules.nr = 2;
	rules->rules.rule[0].th = (struct tws_thresholds){ 90, 99 };
	rules->rules.rule[1].th = (struct tws_thresholds){ 5, 10 };
	e->thresholds.rules = rules;
	e->table.hidden_out = 1000;
	KUNIT_EXPECT_EQ(test, hidden(e, 4), TWS_LEVEL_OK);
	KUNIT_EXPECT_EQ(test, hidden(e, 5), TWS_LEVEL_WARN);
	KUNIT_EXPECT_EQ(test, hidden(e, 10), TWS_LEVEL_CRIT);
}

/* 60 of 100 blocked now, 35 of them with tcp_tw_reuse=1: 25 more would be free. */
static void free_with_reuse(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 60;
	row->blocked = 60;
	row->blocked_if = 35;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 40);
	KUNIT_EXPECT_EQ(test, row->outlook.free_if, 65);
}

/* As above, and on lo 10 more, of which 4 would stay; 3 of the 35 would be spared. */
static void free_with_reuse_in_a_wider_scope(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 60;
	row->blocked = 60;
	row->blocked_if = 35;
	row = row_on(test, e, 1, LOOPBACK_IFINDEX);
	row->sockets = 10;
	row->blocked = 10;
	row->blocked_if = 4;
	row->spared_if = 3;
	look(e);
	row = row_on(test, e, 1, LOOPBACK_IFINDEX);
	KUNIT_EXPECT_EQ(test, row->outlook.free, 30);
	KUNIT_EXPECT_EQ(test, row->outlook.free_if, 64);
}

/* Under churn fewer may seem free with it: never less than nothing is gained. */
static void reuse_never_takes_away(struct kunit *test)
{
	struct example *e = new_example(test);
	struct tws_row *row = row_on(test, e, 1, 0);

	row->sockets = 60;
	row->blocked = 60;
	row->blocked_if = 61;
	look(e);
	row = row_on(test, e, 1, 0);
	KUNIT_EXPECT_EQ(test, row->outlook.free_if, row->outlook.free);
}

static struct kunit_case outlook_cases[] = {
	KUNIT_CASE(free_with_reuse),
	KUNIT_CASE(free_with_reuse_in_a_wider_scope),
	KUNIT_CASE(reuse_never_takes_away),
	KUNIT_CASE(level_of_the_hidden),
	KUNIT_CASE(level_of_the_hidden_on_a_device),
	KUNIT_CASE(strictest_rule_for_the_hidden),
	KUNIT_CASE(some_are_left),
	KUNIT_CASE(closing_fast),
	KUNIT_CASE(never_less_than_none),
	KUNIT_CASE(others_bind_first),
	KUNIT_CASE(own_connections_bind_first),
	KUNIT_CASE(leak_of_connections),
	KUNIT_CASE(pool_that_breathes),
	KUNIT_CASE(fin_wait2_grows),
	KUNIT_CASE(fin_wait2_for_a_short_time),
	KUNIT_CASE(fin_wait2_that_was_seen_to_grow),
	KUNIT_CASE(no_room_for_timewaits),
	KUNIT_CASE(little_room_for_timewaits),
	KUNIT_CASE(nothing_is_usable),
	KUNIT_CASE(bound_ports_count_as_used),
	KUNIT_CASE(level_of_a_fresh_destination),
	KUNIT_CASE(wider_scope_blocks_too),
	KUNIT_CASE(wider_scope_may_be_hidden),
	KUNIT_CASE(served_ports_have_none),
	{}
};

static struct kunit_suite outlook_suite = {
	.name = "tw_outlook",
	.test_cases = outlook_cases,
};

kunit_test_suite(outlook_suite);
