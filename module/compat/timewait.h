/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_TIMEWAIT_H
#define TWS_COMPAT_TIMEWAIT_H

#include <linux/version.h>
#include <net/inet_timewait_sock.h>

/* Without it free would be wrong, and nothing else would tell. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0) &&	\
	!defined(TWS_HAS_ENTRY_STAMP)
#error "features.mk does not find tw_entry_stamp in this kernel's headers"
#endif

/* When the socket entered TIME_WAIT, in tcp_clock_ms(), if that is kept. */
static inline u32 tws_compat_entry_stamp(const struct inet_timewait_sock *tw)
{
#ifdef TWS_HAS_ENTRY_STAMP
	return READ_ONCE(tw->tw_entry_stamp);
#else
	return 0;
#endif
}

#endif /* TWS_COMPAT_TIMEWAIT_H */
