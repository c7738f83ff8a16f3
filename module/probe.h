/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PROBE_H
#define TWS_PROBE_H

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/types.h>

struct sock;

/**
 * struct tws_probed - a call that was followed
 * @sk:		its socket, which does not go meanwhile; of connect(), with the addresses
 * @calls:	how many calls this one stands for, 0 if it was not sampled
 * @port:	of connect(): the port that its socket had before, from bind(); 0 for none
 * @round:	of connect() without a port: @round of struct tws_probe_ops when it began
 * @began_ns:	when it began, if it was sampled
 * @search_ns:	how long it looked for a port; 0 if that is not known, or it had one
 */
struct tws_probed {
	struct sock *sk;
	u64 began_ns;
	u64 search_ns;
	u32 calls;
	u16 port;
	int round;
};

/**
 * struct tws_probe_ops - whom to tell of calls
 * @round:		is handed on as it was when a call began
 * @connect_failed:	connect() found no port
 * @connect_clashed:	connect() had a port, and its very connection was there
 * @connect_sampled:	another connect(), chosen at random
 * @bind_failed:	bind() to port 0 found none
 * @bind_sampled:	another bind() to port 0, chosen at random
 *
 * All are called in any context but NMI, in the process that calls.
 */
struct tws_probe_ops {
	const atomic_t *round;
	void (*connect_failed)(const struct tws_probed *call);
	void (*connect_clashed)(const struct tws_probed *call);
	void (*connect_sampled)(const struct tws_probed *call);
	void (*bind_failed)(const struct tws_probed *call);
	void (*bind_sampled)(const struct tws_probed *call);
};

#ifdef TWS_HAS_PROBE
const char *tws_probe_lacks(void);
int tws_probe_set(const struct tws_probe_ops *ops, u32 one_in);
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

static inline int tws_probe_set(const struct tws_probe_ops *ops, u32 one_in)
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
