/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a snapshot has said of a pair that had failed before, and how a later failure
 * tells that it was wrong.
 *
 * Time only brings ports back: a TIME_WAIT ends, a program closes. What takes one is a
 * call of connect() or bind(), and these are counted. So if fewer ports have been taken
 * since the snapshot began than it called free, in whatever namespace and for whatever
 * pair, then one of them is still there, and a call that finds none proves it wrong.
 */
#ifndef TWS_PROMISE_H
#define TWS_PROMISE_H

#include <linux/types.h>

/* A promise is not held to later than this. */
#define TWS_PROMISE_MS	10000u

/**
 * struct tws_terms - settings under which a promise holds
 * @low:	of the range
 * @high:	of the range
 * @reserved:	ports of it that are reserved, all but one of 65,536 if there are so many
 * @reuse_mode:	net.ipv4.tcp_tw_reuse
 */
struct tws_terms {
	u16 low;
	u16 high;
	u16 reserved;
	u8 reuse_mode;
};

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

static inline bool tws_terms_equal(const struct tws_terms *a, const struct tws_terms *b)
{
	return a->low == b->low && a->high == b->high && a->reserved == b->reserved &&
	       a->reuse_mode == b->reuse_mode;
}

/**
 * tws_promise_ask() - what a call that has found no port says of a promise
 * @promise:	the promise
 * @taken:	ports that have been taken until now, at most
 * @now_ms:	the time
 */
static inline enum tws_promised tws_promise_ask(const struct tws_promise *promise,
						u64 taken, u64 now_ms)
{
	if (!promise->until || (u32)now_ms - promise->at_ms > TWS_PROMISE_MS)
		return TWS_PROMISED_NOTHING;
	return taken < promise->until ? TWS_PROMISE_BROKEN : TWS_PROMISE_HOLDS;
}

#endif /* TWS_PROMISE_H */
