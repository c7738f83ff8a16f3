// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the ports of a destination run out.
 *
 * The use of ports is no straight line: each port of a timewait socket becomes free at a
 * time that is known. So the forecast goes second by second: connections take ports at
 * the rates at which they did, and ports become free as they are due. The ports that the
 * forecast itself took become free as well, each kind after its time. After a minute (two
 * where there is little room for timewait sockets) as many of them come back as are taken,
 * and only what does not come back goes on.
 */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "forecast.h"

/* The unit of the forecast: tenths of a port, since a rate is a count in ten seconds. */
#define TWS_TENTHS	(10ll * TWS_WHOLE)

/**
 * tws_forecast_room() - how many of those who close will leave a timewait socket
 * @room:	result
 * @crowd:	the timewait sockets of the namespace
 *
 * At tcp_max_tw_buckets the kernel makes none for a socket that closes
 * (inet_timewait_sock.c:inet_twsk_alloc()), and its port is free at once. Then only as
 * many come as go. In the first minute those go that are there, in the second one those
 * that came in the first. What is left free by then was taken in the second one, or all
 * find room: so it goes on like this.
 */
void tws_forecast_room(struct tws_room *room, const struct tws_crowd *crowd)
{
	s64 left = 10 * ((s64)crowd->max - (s64)crowd->nr);
	const u64 come = crowd->closes_10s;
	u64 came[TWS_AGE_BINS];
	u32 second;

	for (second = 0; second < TWS_ROOM_S; second++) {
		u64 *const let_in = &came[second % TWS_AGE_BINS];

		left += second < TWS_AGE_BINS ? 10 * (s64)crowd->due[second] : (s64)*let_in;
		*let_in = clamp_t(s64, left, 0, come);
		left -= *let_in;
		room->share[second] = come ? div64_u64(*let_in * TWS_WHOLE, come) : TWS_WHOLE;
	}
}

/*
 * What is taken for a while in each second, less what comes back of that. Nearly always
 * there are no more than one or two who take, and there is room.
 */
static void tws_take(s64 taken[TWS_ROOM_S], const struct tws_taking *taker,
		     const struct tws_room *room, u32 seconds)
{
	const s64 all = (s64)taker->per_10s * TWS_WHOLE;
	u32 second;

	for (second = 0; second < seconds; second++)
		taken[second] += room ? (s64)taker->per_10s * room->share[second] : all;
	for (second = taker->hold_s; second < seconds; second++)
		taken[second] -= room ? (s64)taker->per_10s *
					room->share[second - taker->hold_s] : all;
}

/* Milliseconds until so many of what is free are gone at a steady loss per second. */
static u64 tws_ms_until(s64 free, s64 loss)
{
	return div64_u64(1000 * (u64)free, loss);
}

/**
 * tws_forecast_lasts() - whether the ports last for sure
 * @load:	as for tws_forecast_full_ms(), but for @due
 *
 * They do if there are enough for all that are taken before as many come back, and none of
 * them ever does.
 *
 * Return: true only if tws_forecast_full_ms() would return TWS_NEVER.
 */
bool tws_forecast_lasts(const struct tws_load *load)
{
	u64 per_10s = 0;
	int i;

	for (i = 0; i < TWS_NR_TAKERS; i++)
		per_10s += load->taker[i].per_10s;
	return !load->lost_10s && 10ull * load->free > per_10s * TWS_ROOM_S;
}

/**
 * tws_forecast_full_ms() - time until no port is free
 * @load:	the ports, and what happens to them
 * @room:	how many of those who close leave a timewait socket; NULL: all
 *
 * Return: milliseconds from now, 0 if none is free now, or TWS_NEVER if the
 * ports last at these rates.
 */
u32 tws_forecast_full_ms(const struct tws_load *load, const struct tws_room *room)
{
	const s64 lost = (s64)load->lost_10s * TWS_WHOLE;
	const u32 seconds = room ? TWS_ROOM_S : TWS_AGE_BINS;
	s64 taken[TWS_ROOM_S] = {};
	s64 free = TWS_TENTHS * load->free;
	u32 second;
	int i;

	if (!load->free)
		return 0;
	for (i = 0; i < TWS_NR_TAKERS; i++)
		if (load->taker[i].per_10s)
			tws_take(taken, &load->taker[i], room, seconds);
	for (second = 0; second < seconds; second++) {
		const s64 before = free;

		free -= lost + taken[second];
		if (second < TWS_AGE_BINS)
			free += TWS_TENTHS * load->due[second];
		if (free <= 0)
			return second * 1000 + (u32)tws_ms_until(before, before - free);
	}
	if (!lost)
		return TWS_NEVER;
	return min_t(u64, second * 1000 + tws_ms_until(free, lost), TWS_NEVER);
}
