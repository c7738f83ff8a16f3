// SPDX-License-Identifier: GPL-2.0-only
/* When the ports of a destination run out: worked examples. */
#include <linux/mm.h>

#include "compute/forecast.h"
#include "samples.h"

/* Debian's range with three ports bound: the example in the contract. */
#define USABLE	28229

static struct tws_load *new_load(struct kunit *test, u32 free, u32 closes_10s,
				 u32 hold_s)
{
	struct tws_load *load = kunit_kzalloc(test, sizeof(*load), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, load);
	load->free = free;
	load->taker[TWS_TAKER_CLOSES] = (struct tws_taking){ closes_10s, hold_s };
	return load;
}

/* The TIME_WAITs of a steady load that began some seconds ago. */
static void began_ago(struct tws_load *load, u32 seconds)
{
	const u32 closes_10s = load->taker[TWS_TAKER_CLOSES].per_10s;
	u32 i, before = 0;

	for (i = 0; i < seconds; i++) {
		const u32 closed = closes_10s * (i + 1) / 10;

		load->due[TWS_AGE_BINS - seconds + i] = closed - before;
		before = closed;
	}
}

/* No port is free: it is full now, whatever comes back. */
static void full_already(struct kunit *test)
{
	struct tws_load *load = new_load(test, 0, 0, 60);

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 0);
	load->due[0] = 1000;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 0);
	load->taker[TWS_TAKER_CLOSES].per_10s = 10;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 0);
}

/* Nothing has closed for a minute, one port is left: for ever. */
static void idle_minute(struct kunit *test)
{
	const struct tws_load *load = new_load(test, 1, 0, 60);

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
}

/* 470.0/s for more than a minute hold 28,200 ports of 28,229. */
static void steady_for_long_and_fits(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 28200, 4700, 60);

	began_ago(load, 60);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
}

/* 470.4/s, since 10 s: 28,224 ports in the end, five fewer than there are. */
static void steady_just_below(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 4704, 4704, 60);

	began_ago(load, 10);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
}

/*
 * 470.5/s, since 10 s: 28,230 ports in the end. The 23,524 that are left are
 * gone after 49.998 s, just before the first one comes back.
 */
static void steady_just_above(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 4705, 4705, 60);

	began_ago(load, 10);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 49997);
}

/* 2,000 closed in the last second, 200.0/s on average, 1,000 left: 5 s. */
static void burst(struct kunit *test)
{
	struct tws_load *load = new_load(test, 1000, 2000, 60);

	load->due[59] = 2000;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 5000);
}

/*
 * The burst of 50 s ago comes back within 10 s, ahead of the 600 that are left
 * at 50/s: then 2,500 are left, for 50 s. That is a minute from now, when the
 * first of its own come back as well.
 */
static void burst_that_comes_back(struct kunit *test)
{
	struct tws_load *load = new_load(test, 600, 500, 60);

	load->due[9] = 2400;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 60000);
	load->due[9] = 2401;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
	load->due[9] = 2399;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 59980);
}

/* 300/s come back for 30 s and 100/s go: it drains, and stays that way. */
static void drains(struct kunit *test)
{
	struct tws_load *load = new_load(test, 50, 1000, 60);
	u32 i;

	for (i = 0; i < 30; i++)
		load->due[i] = 300;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
}

/*
 * 300/s come back for 10 s and 150/s go: 1,600 left then, which last 10.667 s.
 */
static void drains_and_fills_again(struct kunit *test)
{
	struct tws_load *load = new_load(test, 100, 1500, 60);
	u32 i;

	for (i = 0; i < 10; i++)
		load->due[i] = 300;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 20666);
}

static u32 full_ms(const struct tws_load *load)
{
	return tws_forecast_full_ms(load, NULL);
}

/* Ports that may be taken over after a second: 100/s need 100 ports. */
static void hold_of_a_second(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			full_ms(new_load(test, 99, 1000, 1)), 990);
	KUNIT_EXPECT_EQ(test,
			full_ms(new_load(test, 100, 1000, 1)),
			1000);
	KUNIT_EXPECT_EQ(test,
			full_ms(new_load(test, 101, 1000, 1)),
			TWS_NEVER);
}

/* One close in ten seconds, one port left: in ten seconds. */
static void slowest_load(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, full_ms(new_load(test, 1, 1, 60)),
			10000);
	KUNIT_EXPECT_EQ(test, full_ms(new_load(test, 5, 1, 60)),
			50000);
	KUNIT_EXPECT_EQ(test, full_ms(new_load(test, 7, 1, 60)),
			TWS_NEVER);
}

/* The largest numbers that fit: 4,294,967,295 ports at a tenth of that/s. */
static void huge_numbers(struct kunit *test)
{
	struct tws_load *load = new_load(test, U32_MAX, U32_MAX, 60);
	u32 i;

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 10000);
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = U32_MAX;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
	load->free = 1;
	memset(load->due, 0, sizeof(load->due));
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 0);
}

/* A leak of 20/s: 200 ports in 10 s, 2,000 in 100 s, long after all else is steady. */
static void leak(struct kunit *test)
{
	struct tws_load *load = new_load(test, 200, 0, 60);

	load->lost_10s = 200;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 10000);
	load->free = 2000;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 100000);
	/* 10/s close as well: 600 ports in the end, the others last 70 s. */
	load->taker[TWS_TAKER_CLOSES].per_10s = 100;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 70000);
	/* One port in ten seconds, of four billion: longer than there are milliseconds. */
	load->lost_10s = 1;
	load->free = U32_MAX;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
}

/* 10/s to FIN_WAIT2 for 30 s, 5/s of programs that bind first: 300 and 300 in the end. */
static void takers_of_all_kinds(struct kunit *test)
{
	struct tws_load *load = new_load(test, 601, 0, 60);

	load->taker[TWS_TAKER_FIN_WAIT2] = (struct tws_taking){ 100, 30 };
	load->taker[TWS_TAKER_BOUND] = (struct tws_taking){ 50, 60 };
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), TWS_NEVER);
	load->free = 599;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 59800);
	load->free = 300;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 20000);
}

/* 30/s in a range of 1,000, and at most 300 timewait sockets: never full. */
static void room_for_300(struct kunit *test)
{
	struct tws_load *load = new_load(test, 970, 300, 60);
	struct tws_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct tws_room room;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->nr = 30;
	crowd->max = 300;
	crowd->closes_10s = 300;
	load->due[59] = 30;
	crowd->due[59] = 30;
	tws_forecast_room(&room, crowd);
	KUNIT_EXPECT_EQ(test, room.share[0], TWS_WHOLE);
	KUNIT_EXPECT_EQ(test, room.share[8], TWS_WHOLE);
	KUNIT_EXPECT_EQ(test, room.share[9], 0);
	KUNIT_EXPECT_EQ(test, room.share[58], 0);
	KUNIT_EXPECT_EQ(test, room.share[59], TWS_WHOLE);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), TWS_NEVER);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, NULL), 32333);
	/* The same with 250 ports left: they go before there is no room. */
	load->free = 250;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), 8333);
	/* Others close twice as fast: of the 270 that there is room for, 90 are left. */
	crowd->closes_10s = 900;
	tws_forecast_room(&room, crowd);
	load->free = 91;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), TWS_NEVER);
	load->free = 89;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), 2966);
}

/*
 * There is no room for a minute: 600 timewait sockets go in its last second, and 10/s close.
 * From then on each takes a port, up to 600 of them, and 500 are left: full after 109 s.
 */
static void room_after_a_minute(struct kunit *test)
{
	struct tws_load *load = new_load(test, 500, 100, 60);
	struct tws_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct tws_room room;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->nr = 600;
	crowd->max = 600;
	crowd->closes_10s = 100;
	crowd->due[59] = 600;
	tws_forecast_room(&room, crowd);
	KUNIT_EXPECT_EQ(test, room.share[58], 0);
	KUNIT_EXPECT_EQ(test, room.share[59], TWS_WHOLE);
	KUNIT_EXPECT_EQ(test, room.share[119], TWS_WHOLE);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), 109000);
	load->free = 601;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load, &room), TWS_NEVER);
}

/*
 * The same, one connection after the other. Connections close at even
 * distances, each takes a port and gives it back when it has been held; those
 * that are in TIME_WAIT now give back theirs evenly over their second. If there are as
 * many as there may be, who closes takes none.
 */
#define HORIZON_MS	130000

struct simulation {
	const struct tws_load *load;
	u32 *back;
	s64 free;
	u64 nr, max;	/* timewait sockets */
	u32 done[TWS_NR_TAKERS + 1];
};

static void take_steadily(struct simulation *s, u32 i, u32 ms)
{
	const struct tws_taking *taker = &s->load->taker[i];

	while (10000ull * (s->done[i] + 1) <= (u64)taker->per_10s * ms) {
		s->done[i]++;
		if (s->nr >= s->max)
			continue;
		s->nr++;
		s->free--;
		if (ms + 1000 * taker->hold_s < HORIZON_MS)
			s->back[ms + 1000 * taker->hold_s]++;
	}
}

static u32 run(struct simulation *s)
{
	u32 ms, i, j;

	memset(s->done, 0, sizeof(s->done));
	memset(s->back, 0, HORIZON_MS * sizeof(*s->back));
	s->nr = 0;
	for (i = 0; i < TWS_AGE_BINS; i++) {
		s->nr += s->load->due[i];
		for (j = 0; j < s->load->due[i]; j++)
			s->back[1000 * i + 1000 * j / s->load->due[i]]++;
	}
	if (s->free <= 0)
		return 0;
	for (ms = 0; ms < HORIZON_MS; ms++) {
		s->free += s->back[ms];
		s->nr -= s->back[ms];
		for (i = 0; i < TWS_NR_TAKERS; i++)
			take_steadily(s, i, ms);
		while (10000ull * (s->done[i] + 1) <= (u64)s->load->lost_10s * ms) {
			s->done[i]++;
			s->free--;
		}
		if (s->free <= 0)
			return ms;
	}
	return TWS_NEVER;
}

static u32 simulate(const struct tws_load *load, u32 *back, s64 free, u64 max)
{
	struct simulation s = { .load = load, .back = back, .free = free, .max = max };

	return run(&s);
}

static void random_load(struct tws_load *load, struct rnd_state *random)
{
	const u32 highest = 1 + tws_test_below(random, 60);
	u32 i, sum = 0;

	for (i = 0; i < TWS_NR_TAKERS; i++) {
		load->taker[i].hold_s = tws_test_below(random, 3) ? 60 : 1;
		load->taker[i].per_10s = tws_test_below(random, 2) ?
					 tws_test_below(random, 10 * highest) : 0;
		sum += load->taker[i].per_10s;
	}
	load->taker[TWS_TAKER_FIN_WAIT2].hold_s = 1 + tws_test_below(random, 60);
	load->lost_10s = tws_test_below(random, 2) ? 0 : tws_test_below(random, highest);
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = tws_test_below(random, 2) ?
			       tws_test_below(random, highest) : 0;
	load->free = tws_test_below(random, (sum + load->lost_10s) * 7 + 10);
}

/*
 * How far a count of whole connections is from even flow: each of eight flows (what three
 * kinds take and give back, what is lost, and what comes back of old) by less than one.
 */
#define WHOLE_PORTS	8

/* What the simulation does not see is not compared. */
static u32 within_horizon(u32 ms)
{
	return ms < HORIZON_MS ? ms : TWS_NEVER;
}

/*
 * 100 random loads. Eight ports more or fewer make the simulation end no
 * earlier, or no later, than the forecast, to the millisecond.
 */
static void random_loads(struct kunit *test)
{
	struct tws_load *load = new_load(test, 0, 0, 0);
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	u32 *back = kvcalloc(HORIZON_MS, sizeof(*back), GFP_KERNEL);
	u32 i, full = 0;

	KUNIT_ASSERT_NOT_NULL(test, back);
	for (i = 0; i < 100; i++) {
		u64 forecast, sooner, later;

		random_load(load, &random);
		forecast = within_horizon(tws_forecast_full_ms(load, NULL));
		sooner = simulate(load, back, (s64)load->free - WHOLE_PORTS, U64_MAX);
		later = simulate(load, back, (s64)load->free + WHOLE_PORTS, U64_MAX);
		KUNIT_EXPECT_LE_MSG(test, sooner, forecast + 1,
				    "seed=%u load %u", seed, i);
		KUNIT_EXPECT_LE_MSG(test, forecast, later + 1,
				    "seed=%u load %u", seed, i);
		full += forecast && forecast != TWS_NEVER;
	}
	kvfree(back);
	/* The examples are about something. */
	KUNIT_EXPECT_GT_MSG(test, full, 0, "seed=%u", seed);
	KUNIT_EXPECT_LT_MSG(test, full, 100, "seed=%u", seed);
}

/* As many sockets of a namespace as take ports here: no others close. */
static void crowd_of(struct tws_crowd *crowd, const struct tws_load *load, u64 max)
{
	u32 i;

	memset(crowd, 0, sizeof(*crowd));
	for (i = 0; i < TWS_AGE_BINS; i++) {
		crowd->nr += load->due[i];
		crowd->due[i] = load->due[i];
	}
	for (i = 0; i < TWS_NR_TAKERS; i++)
		crowd->closes_10s += load->taker[i].per_10s;
	crowd->max = max;
}

/*
 * The same with tcp_max_tw_buckets. The forecast spreads those that find room over their
 * second, so it may be wrong by what is taken in a second and a bit.
 */
static void random_loads_with_little_room(struct kunit *test)
{
	struct tws_load *load = new_load(test, 0, 0, 0);
	struct tws_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	u32 *back = kvcalloc(HORIZON_MS, sizeof(*back), GFP_KERNEL);
	u32 i, limited = 0;

	KUNIT_ASSERT_NOT_NULL(test, back);
	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < 100; i++) {
		u64 forecast, sooner, later, max, slack;
		struct tws_room room;
		u32 k;

		random_load(load, &random);
		/* All are held for a minute: whom the limit meets is the same for each. */
		for (k = 0; k < TWS_NR_TAKERS; k++)
			load->taker[k].hold_s = 60;
		max = tws_test_below(&random, 2000);
		crowd_of(crowd, load, max);
		tws_forecast_room(&room, crowd);
		slack = WHOLE_PORTS + crowd->closes_10s / 5;
		forecast = within_horizon(tws_forecast_full_ms(load, &room));
		sooner = simulate(load, back, (s64)load->free - slack, max);
		later = simulate(load, back, (s64)load->free + slack, max);
		KUNIT_EXPECT_LE_MSG(test, sooner, forecast + 1000,
				    "seed=%u load %u", seed, i);
		KUNIT_EXPECT_LE_MSG(test, forecast, later + 1000,
				    "seed=%u load %u", seed, i);
		limited += forecast != tws_forecast_full_ms(load, NULL);
	}
	kvfree(back);
	KUNIT_EXPECT_GT_MSG(test, limited, 0, "seed=%u", seed);
}

/* 300 random loads: the quick answer is right where it is given. */
static void lasts_for_sure(struct kunit *test)
{
	struct tws_load *load = new_load(test, 0, 0, 0);
	struct tws_crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	struct rnd_state random;
	const u32 seed = tws_test_seed(test, &random);
	u32 i, lasting = 0;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < 300; i++) {
		struct tws_room room;

		random_load(load, &random);
		crowd_of(crowd, load, tws_test_below(&random, 2000));
		load->free = tws_test_below(&random, 2 * (2 + (u32)crowd->closes_10s * 12));
		if (!tws_forecast_lasts(load))
			continue;
		lasting++;
		tws_forecast_room(&room, crowd);
		KUNIT_EXPECT_EQ_MSG(test, tws_forecast_full_ms(load, NULL), TWS_NEVER,
				    "seed=%u load %u", seed, i);
		KUNIT_EXPECT_EQ_MSG(test, tws_forecast_full_ms(load, &room), TWS_NEVER,
				    "seed=%u load %u", seed, i);
	}
	KUNIT_EXPECT_GT_MSG(test, lasting, 0, "seed=%u", seed);
	KUNIT_EXPECT_LT_MSG(test, lasting, 300, "seed=%u", seed);
}

static struct kunit_case forecast_cases[] = {
	KUNIT_CASE(lasts_for_sure),
	KUNIT_CASE(full_already),
	KUNIT_CASE(idle_minute),
	KUNIT_CASE(steady_for_long_and_fits),
	KUNIT_CASE(steady_just_below),
	KUNIT_CASE(steady_just_above),
	KUNIT_CASE(burst),
	KUNIT_CASE(burst_that_comes_back),
	KUNIT_CASE(drains),
	KUNIT_CASE(drains_and_fills_again),
	KUNIT_CASE(hold_of_a_second),
	KUNIT_CASE(slowest_load),
	KUNIT_CASE(huge_numbers),
	KUNIT_CASE(leak),
	KUNIT_CASE(takers_of_all_kinds),
	KUNIT_CASE(room_for_300),
	KUNIT_CASE(room_after_a_minute),
	KUNIT_CASE_SLOW(random_loads),
	KUNIT_CASE_SLOW(random_loads_with_little_room),
	{}
};

static struct kunit_suite forecast_suite = {
	.name = "tw_forecast",
	.test_cases = forecast_cases,
};

kunit_test_suite(forecast_suite);
