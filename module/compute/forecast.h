/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FORECAST_H
#define TWS_FORECAST_H

#include <linux/types.h>

#include "ages.h"

/* A share of all: the whole. */
#define TWS_WHOLE	1024u

/**
 * struct tws_crowd - the timewait sockets of a namespace
 * @nr:		how many there are
 * @max:	net.ipv4.tcp_max_tw_buckets
 * @closes_10s:	how many came in the last ten seconds
 * @due:	how many go, by the second from now
 */
struct tws_crowd {
	u64 nr;
	u64 max;
	u64 closes_10s;
	u64 due[TWS_AGE_BINS];
};

/* After so many seconds nothing changes any more, also where there is little room. */
#define TWS_ROOM_S	(2 * TWS_AGE_BINS)

/**
 * struct tws_room - how many of those who close leave a timewait socket
 * @share:	the part of them, of TWS_WHOLE, by the second from now
 */
struct tws_room {
	u16 share[TWS_ROOM_S];
};

/* Who takes ports for a while. */
enum tws_taker {
	TWS_TAKER_CLOSES,	/* its connections, which go to TIME_WAIT */
	TWS_TAKER_BOUND,	/* connections of programs that bind first, to anybody */
	TWS_TAKER_FIN_WAIT2,	/* connections that the peer does not close */
	TWS_NR_TAKERS,
};

/**
 * struct tws_taking - ports that are taken steadily, and come back
 * @per_10s:	ports in ten seconds
 * @hold_s:	seconds for which each is held
 */
struct tws_taking {
	u32 per_10s;
	u32 hold_s;
};

/**
 * struct tws_load - what happens to the ports of a destination
 * @free:	how many are free now
 * @taker:	who takes ports for a while; the forecast assumes that they go on
 * @lost_10s:	ports that go in ten seconds and do not come back
 * @due:	ports that become free, by the second from now
 */
struct tws_load {
	u32 free;
	struct tws_taking taker[TWS_NR_TAKERS];
	u32 lost_10s;
	u32 due[TWS_AGE_BINS];
};

void tws_forecast_room(struct tws_room *room, const struct tws_crowd *crowd);
bool tws_forecast_lasts(const struct tws_load *load);
u32 tws_forecast_full_ms(const struct tws_load *load, const struct tws_room *room);

#endif /* TWS_FORECAST_H */
