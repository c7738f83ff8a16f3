/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot has said of a pair that had failed before, and how a later failure
 * tells that it was wrong.
 *
 * Time only brings ports back: a TIME_WAIT ends, a program closes. (Until 6.13 a segment
 * can make a TIME_WAIT young again that connect() could have taken over:
 * tcp_minisocks.c:tcp_timewait_state_process(). So such ports are not promised there.)
 * What takes one is a call of connect() or bind(), and these are counted. So if fewer
 * ports have been taken since the snapshot began than it called free, in whatever
 * namespace and for whatever pair, then one of them is still there, and a call that finds
 * none proves it wrong.
 *
 * A call looks at one port after the other, and may be kept from the processor in between.
 * It does not see what comes back behind it. So only a call that began after the snapshot
 * can prove it wrong.
 */
#ifndef TWS_PROMISE_H
#define TWS_PROMISE_H

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "classify.h"

/* A promise is not held to later than this. */
#define TWS_PROMISE_MS	10000u

/**
 * struct tws_terms - settings under which a promise holds
 * @low:	of the range
 * @high:	of the range; 0 if the range is not known
 * @reserved:	see tws_ports_reserved(); 0 where that is not asked
 * @switches:	see tws_terms_switches()
 *
 * There is one with each pair that has failed.
 */
struct tws_terms {
	u16 low;
	u16 high;
	u16 reserved;
	u16 switches;
};

/**
 * tws_terms_switches() - tell some settings from others
 * @mode:	net.ipv4.tcp_tw_reuse
 * @delay_ms:	net.ipv4.tcp_tw_reuse_delay, where the kernel has it
 * @accept:	net.ipv4.tcp_l3mdev_accept
 */
static inline u16 tws_terms_switches(u8 mode, u32 delay_ms, bool accept)
{
	return hash_32(delay_ms << 3 | accept << 2 | mode, 16);
}

/**
 * struct tws_promise - so many more calls will succeed
 * @until:	no call fails before so many ports have been taken, counted as
 *		tws_probe_took() does; 0 for no promise
 * @at_ms:	when the snapshot was taken, its lower 32 bits
 * @terms:	see there
 * @broken:	calls that have broken it
 */
struct tws_promise {
	u64 until;
	u32 at_ms;
	struct tws_terms terms;
	u32 broken;
};

/**
 * enum tws_promised - what a call that has found no port says of a promise
 * @TWS_PROMISED_NOTHING: there was none
 * @TWS_PROMISE_HOLDS: the call has not broken it
 * @TWS_PROMISE_BROKEN: the call has broken it
 */
enum tws_promised {
	TWS_PROMISED_NOTHING,
	TWS_PROMISE_HOLDS,
	TWS_PROMISE_BROKEN,
};

/* All but the ports that are reserved. A range that is not known is like no other one. */
static inline bool tws_terms_alike(const struct tws_terms *a, const struct tws_terms *b)
{
	return a->high && a->low == b->low && a->high == b->high &&
	       a->switches == b->switches;
}

static inline bool tws_terms_equal(const struct tws_terms *a, const struct tws_terms *b)
{
	return tws_terms_alike(a, b) && a->reserved == b->reserved;
}

/**
 * tws_promise_of() - how many calls succeed for certain
 * @free:	what a row says
 * @reuse:	part of it: TIME_WAITs that may become young again
 * @terms:	the settings that it holds for
 *
 * Of a range of an odd size each connect() leaves out one port, now this, now that
 * (inet_hashtables.c:__inet_hash_connect()). It may be the last one that is free.
 */
static inline u32 tws_promise_of(u32 free, u32 reuse, const struct tws_terms *terms)
{
	const struct tws_range range = { .low = terms->low, .high = terms->high };
	const u32 left_out = tws_range_size(&range) - tws_range_tried(&range);

	return free - min(free, reuse + left_out);
}

/**
 * struct tws_failed_call - a call that has found no port
 * @at_ms:	when that was
 * @taken:	ports that had been taken until then, at most
 * @round:	*@round_now when it began
 * @round_now:	rises before promises are made, and after what they rest on was read
 * @terms:	the settings, without the ports that were reserved
 */
struct tws_failed_call {
	u64 at_ms;
	u64 taken;
	int round;
	const atomic_t *round_now;
	struct tws_terms terms;
};

/**
 * tws_promise_ask() - what a call says of a promise
 * @promise:	the promise
 * @call:	the call
 *
 * Context: under the lock under which promises are made, or a promise might be one that
 * was made since @call->round_now was read.
 */
static inline enum tws_promised tws_promise_ask(const struct tws_promise *promise,
						const struct tws_failed_call *call)
{
	if (!promise->until || (u32)call->at_ms - promise->at_ms > TWS_PROMISE_MS ||
	    !tws_terms_alike(&promise->terms, &call->terms))
		return TWS_PROMISED_NOTHING;
	if (call->taken >= promise->until || call->round != atomic_read(call->round_now))
		return TWS_PROMISE_HOLDS;
	return TWS_PROMISE_BROKEN;
}

#endif /* TWS_PROMISE_H */
