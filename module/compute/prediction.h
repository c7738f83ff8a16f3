/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A prediction is what a snapshot says of a pair that had failed before: so many ports are
 * left. A later failure checks it.
 *
 * Time only brings ports back: a TIME_WAIT ends, a program closes. (Until 6.13 a segment
 * can make a TIME_WAIT young again that connect() could have taken over:
 * tcp_minisocks.c:tcp_timewait_state_process(). So such ports are not predicted there.)
 * What takes one is a call of connect() or bind(), and these are counted. So if fewer
 * ports have been taken since the snapshot began than it called free, in whatever
 * namespace and for whatever pair, then one of them is still there, and a call that finds
 * none proves it wrong. (A bind() that began before the snapshot and takes its port after it
 * is not among these: of its call only the begin is seen. Then the last port of a pair may go
 * without having been counted, and a right prediction is called wrong.)
 *
 * A call looks at one port after the other, and may be kept from the processor in between.
 * It does not see what comes back behind it. So only a call that began after the snapshot
 * can prove it wrong.
 */
#ifndef TWS_PREDICTION_H
#define TWS_PREDICTION_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "classify.h"

/* A prediction is not checked later than this. */
#define TWS_PREDICTION_MS	10000u

/**
 * struct tws_predict_settings - settings that a prediction is for
 * @low:	of the range
 * @high:	of the range; 0 if the range is not known
 * @reserved:	see tws_ports_reserved(); 0 where that is not asked
 * @switches:	see tws_predict_switches()
 *
 * There is one with each pair that has failed.
 */
struct tws_predict_settings {
	u16 low;
	u16 high;
	u16 reserved;
	u16 switches;
};

/**
 * tws_predict_switches() - a number that tells these settings from others
 * @mode:	net.ipv4.tcp_tw_reuse
 * @delay_ms:	net.ipv4.tcp_tw_reuse_delay, where the kernel has it
 * @accept:	net.ipv4.tcp_l3mdev_accept
 */
static inline u16 tws_predict_switches(u8 mode, u32 delay_ms, bool accept)
{
	return hash_32(delay_ms << 3 | accept << 2 | mode, 16);
}

/**
 * struct tws_prediction - so many more calls of a pair will succeed
 * @until:	no call fails before so many ports have been taken, counted as
 *		tws_probe_took() does; 0 for no prediction
 * @at_ms:	when the snapshot was taken, its lower 32 bits
 * @settings:	see there
 * @wrong:	calls that have proved it wrong
 */
struct tws_prediction {
	u64 until;
	u32 at_ms;
	struct tws_predict_settings settings;
	u32 wrong;
};

/**
 * enum tws_checked - what a call that has found no port says of a prediction
 * @TWS_NOT_PREDICTED: there was none
 * @TWS_PREDICTION_HOLDS: the call has not proved it wrong
 * @TWS_PREDICTION_WRONG: the call has proved it wrong
 */
enum tws_checked {
	TWS_NOT_PREDICTED,
	TWS_PREDICTION_HOLDS,
	TWS_PREDICTION_WRONG,
};

/* All but the ports that are reserved. A range that is not known is like no other one. */
static inline bool tws_predict_settings_alike(const struct tws_predict_settings *a,
					      const struct tws_predict_settings *b)
{
	return a->high && a->low == b->low && a->high == b->high &&
	       a->switches == b->switches;
}

static inline bool tws_predict_settings_equal(const struct tws_predict_settings *a,
					      const struct tws_predict_settings *b)
{
	return tws_predict_settings_alike(a, b) && a->reserved == b->reserved;
}

/**
 * tws_predict() - how many calls succeed for certain
 * @free:	what a row says
 * @reuse:	part of it: TIME_WAITs that may become young again
 * @settings:	the settings that it holds for
 *
 * Of a range of an odd size each connect() leaves out one port, now this, now that
 * (inet_hashtables.c:__inet_hash_connect()). It may be the last one that is free.
 */
static inline u32 tws_predict(u32 free, u32 reuse,
			      const struct tws_predict_settings *settings)
{
	const struct tws_range range = { .low = settings->low, .high = settings->high };
	const u32 left_out = tws_range_size(&range) - tws_range_tried(&range);

	return free - min(free, reuse + left_out);
}

/**
 * struct tws_failed_call - a call that has found no port, or has clashed: then @at_ms only
 * @at_ms:	when that was
 * @ports_taken: ports that had been taken until then, at most
 * @round:	*@round_now when it began
 * @round_now:	rises before predictions are made, and after what they rest on was read
 * @settings:	the settings, without the ports that were reserved
 */
struct tws_failed_call {
	u64 at_ms;
	u64 ports_taken;
	int round;
	const atomic_t *round_now;
	struct tws_predict_settings settings;
};

/**
 * tws_prediction_check() - what a call says of a prediction
 * @prediction:	the prediction
 * @call:	the call
 *
 * Context: under the lock under which predictions are made, or it might be one that
 * was made since @call->round_now was read.
 */
static inline enum tws_checked tws_prediction_check(const struct tws_prediction *prediction,
						    const struct tws_failed_call *call)
{
	if (!prediction->until || (u32)call->at_ms - prediction->at_ms > TWS_PREDICTION_MS ||
	    !tws_predict_settings_alike(&prediction->settings, &call->settings))
		return TWS_NOT_PREDICTED;
	if (call->ports_taken >= prediction->until || call->round != atomic_read(call->round_now))
		return TWS_PREDICTION_HOLDS;
	return TWS_PREDICTION_WRONG;
}

#endif /* TWS_PREDICTION_H */
