/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_TIMEWAIT_H
#define TWS_COMPAT_TIMEWAIT_H

#include <linux/version.h>
#include <net/inet_timewait_sock.h>

/* When the socket entered TIME_WAIT, in tcp_clock_ms(); 7.x keeps it. */
static inline u32 tws_compat_entry_stamp(const struct inet_timewait_sock *tw)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return READ_ONCE(tw->tw_entry_stamp);
#else
	return 0;
#endif
}

#endif /* TWS_COMPAT_TIMEWAIT_H */
