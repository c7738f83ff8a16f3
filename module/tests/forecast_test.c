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
	load->closes_10s = closes_10s;
	load->hold_s = hold_s;
	return load;
}

/* The TIME_WAITs of a steady load that began some seconds ago. */
static void began_ago(struct tws_load *load, u32 seconds)
{
	u32 i, before = 0;

	for (i = 0; i < seconds; i++) {
		const u32 closed = load->closes_10s * (i + 1) / 10;

		load->due[TWS_AGE_BINS - seconds + i] = closed - before;
		before = closed;
	}
}

/* No port is free: it is full now, whatever comes back. */
static void full_already(struct kunit *test)
{
	struct tws_load *load = new_load(test, 0, 0, 60);

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 0);
	load->due[0] = 1000;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 0);
	load->closes_10s = 10;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 0);
}

/* Nothing has closed for a minute, one port is left: for ever. */
static void idle_minute(struct kunit *test)
{
	const struct tws_load *load = new_load(test, 1, 0, 60);

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
}

/* 470.0/s for more than a minute hold 28,200 ports of 28,229. */
static void steady_for_long_and_fits(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 28200, 4700, 60);

	began_ago(load, 60);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
}

/* 470.4/s, since 10 s: 28,224 ports in the end, five fewer than there are. */
static void steady_just_below(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 4704, 4704, 60);

	began_ago(load, 10);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
}

/*
 * 470.5/s, since 10 s: 28,230 ports in the end. The 23,524 that are left are
 * gone after 49.998 s, just before the first one comes back.
 */
static void steady_just_above(struct kunit *test)
{
	struct tws_load *load = new_load(test, USABLE - 4705, 4705, 60);

	began_ago(load, 10);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 49997);
}

/* 2,000 closed in the last second, 200.0/s on average, 1,000 left: 5 s. */
static void burst(struct kunit *test)
{
	struct tws_load *load = new_load(test, 1000, 2000, 60);

	load->due[59] = 2000;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 5000);
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
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 60000);
	load->due[9] = 2401;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
	load->due[9] = 2399;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 59980);
}

/* 300/s come back for 30 s and 100/s go: it drains, and stays that way. */
static void drains(struct kunit *test)
{
	struct tws_load *load = new_load(test, 50, 1000, 60);
	u32 i;

	for (i = 0; i < 30; i++)
		load->due[i] = 300;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
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
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 20666);
}

/* Ports that may be taken over after a second: 100/s need 100 ports. */
static void hold_of_a_second(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			tws_forecast_full_ms(new_load(test, 99, 1000, 1)), 990);
	KUNIT_EXPECT_EQ(test,
			tws_forecast_full_ms(new_load(test, 100, 1000, 1)),
			1000);
	KUNIT_EXPECT_EQ(test,
			tws_forecast_full_ms(new_load(test, 101, 1000, 1)),
			TWS_NEVER);
}

/* One close in ten seconds, one port left: in ten seconds. */
static void slowest_load(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(new_load(test, 1, 1, 60)),
			10000);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(new_load(test, 5, 1, 60)),
			50000);
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(new_load(test, 7, 1, 60)),
			TWS_NEVER);
}

/* The largest numbers that fit: 4,294,967,295 ports at a tenth of that/s. */
static void huge_numbers(struct kunit *test)
{
	struct tws_load *load = new_load(test, U32_MAX, U32_MAX, 60);
	u32 i;

	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 10000);
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = U32_MAX;
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), TWS_NEVER);
	load->free = 1;
	memset(load->due, 0, sizeof(load->due));
	KUNIT_EXPECT_EQ(test, tws_forecast_full_ms(load), 0);
}

/*
 * The same, one connection after the other. Connections close at even
 * distances, each takes a port and gives it back when it has been held; those
 * that are in TIME_WAIT now give back theirs evenly over their second.
 */
#define HORIZON_MS	130000

static u32 simulate(const struct tws_load *load, u32 *back, s64 free)
{
	u32 ms, i, j, closed = 0;

	memset(back, 0, HORIZON_MS * sizeof(*back));
	for (i = 0; i < TWS_AGE_BINS; i++)
		for (j = 0; j < load->due[i]; j++)
			back[1000 * i + 1000 * j / load->due[i]]++;
	if (free <= 0)
		return 0;
	for (ms = 0; ms < HORIZON_MS; ms++) {
		free += back[ms];
		while (10000 * (closed + 1) <= load->closes_10s * ms) {
			closed++;
			free--;
			if (ms + 1000 * load->hold_s < HORIZON_MS)
				back[ms + 1000 * load->hold_s]++;
		}
		if (free <= 0)
			return ms;
	}
	return TWS_NEVER;
}

static void random_load(struct tws_load *load, struct rnd_state *random)
{
	const u32 highest = 1 + tws_test_below(random, 60);
	u32 i;

	load->hold_s = tws_test_below(random, 3) ? 60 : 1;
	load->closes_10s = tws_test_below(random, 10 * highest);
	for (i = 0; i < TWS_AGE_BINS; i++)
		load->due[i] = tws_test_below(random, 2) ?
			       tws_test_below(random, highest) : 0;
	load->free = tws_test_below(random, load->closes_10s * 7 + 10);
}

/*
 * How far a count of whole connections is from even flow: each of three flows
 * (those that close, those that come back of old and of new) by less than one.
 */
#define WHOLE_PORTS	3

/*
 * 100 random loads. Three ports more or fewer make the simulation end no
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
		forecast = tws_forecast_full_ms(load);
		sooner = simulate(load, back, (s64)load->free - WHOLE_PORTS);
		later = simulate(load, back, (s64)load->free + WHOLE_PORTS);
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

static struct kunit_case forecast_cases[] = {
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
	KUNIT_CASE_SLOW(random_loads),
	{}
};

static struct kunit_suite forecast_suite = {
	.name = "tw_forecast",
	.test_cases = forecast_cases,
};

kunit_test_suite(forecast_suite);
