/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PROBE_H
#define TWS_PROBE_H

#include <linux/errno.h>
#include <linux/types.h>

struct sock;

#ifdef TWS_HAS_PROBE
int tws_probe_set(void (*failed)(const struct sock *sk));
void tws_probe_clear(void);
u64 tws_probe_missed(void);
#else
/* This kernel has no return probes, or they do not show a call's arguments. */
static inline int tws_probe_set(void (*failed)(const struct sock *sk))
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
