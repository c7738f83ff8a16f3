/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PROBE_H
#define TWS_PROBE_H

#include <linux/errno.h>
#include <linux/types.h>

struct sock;

/**
 * struct tws_probe_ops - whom to tell of calls that found no port
 * @connect_failed:	connect(), of a socket whose addresses are set
 * @bind_failed:	bind() to port 0
 *
 * Both are called in any context but NMI, with a socket that does not go meanwhile.
 */
struct tws_probe_ops {
	void (*connect_failed)(const struct sock *sk);
	void (*bind_failed)(const struct sock *sk);
};

#ifdef TWS_HAS_PROBE
int tws_probe_set(const struct tws_probe_ops *ops);
void tws_probe_clear(void);
u64 tws_probe_missed(void);
#else
/* This kernel has no return probes, or they do not show a call's arguments. */
static inline int tws_probe_set(const struct tws_probe_ops *ops)
{
	return -EOPNOTSUPP;
}

static inline void tws_probe_clear(void)
{
}

static inline u64 tws_probe_missed(void)
{
	return 0;
}
#endif

#endif /* TWS_PROBE_H */
