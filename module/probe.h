/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PROBE_H
#define TWS_PROBE_H

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/types.h>

#include "compute/callertable.h"

struct sock;

/**
 * struct tws_probed - a call that is followed, or was just now
 * @sk:		its socket, which does not go meanwhile; of connect(), with the addresses
 * @calls:	how many calls this one stands for, 0 if it was not sampled
 * @port:	of connect(): the port that its socket had before, from bind(); 0 for none
 * @round:	of connect() without a port: tws_failures_round as it was when it began
 * @began_ns:	when it began, if it was sampled
 */
struct tws_probed {
	struct sock *sk;
	u64 began_ns;
	u32 calls;
	u16 port;
	int round;
};

/**
 * typedef tws_call_ended_t - whom to tell of the calls that failed or were sampled
 * @probed:	the call
 * @bind:	it is a bind() to port 0, not a connect()
 * @end:	how it ended
 *
 * Context: any but NMI, in the process that calls.
 */
typedef void (*tws_call_ended_t)(const struct tws_probed *probed, bool bind,
				 enum tws_call_end end);

#ifdef TWS_HAS_PROBE
const char *tws_probe_lacks(void);
int tws_probe_set(tws_call_ended_t ended, const atomic_t *round, u32 one_in);
void tws_probe_sample(u32 one_in);
void tws_probe_clear(void);
u64 tws_probe_missed(void);
u64 tws_probe_took(void);
u64 tws_probe_may_have_taken(void);
#else
/* This kernel has no return probes, or they do not show a call's arguments. */
static inline const char *tws_probe_lacks(void)
{
	return "this kernel has no return probes that show arguments";
}

static inline int tws_probe_set(tws_call_ended_t ended, const atomic_t *round, u32 one_in)
{
	return -EOPNOTSUPP;
}

static inline void tws_probe_sample(u32 one_in)
{
}

static inline void tws_probe_clear(void)
{
}

static inline u64 tws_probe_missed(void)
{
	return 0;
}

static inline u64 tws_probe_took(void)
{
	return 0;
}

static inline u64 tws_probe_may_have_taken(void)
{
	return 0;
}
#endif

#endif /* TWS_PROBE_H */
