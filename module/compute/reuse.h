/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_REUSE_H
#define TWS_REUSE_H

#include <linux/types.h>

struct tws_tuple;

/* net.ipv4.tcp_tw_reuse */
enum tws_reuse_mode {
	TWS_REUSE_OFF,
	TWS_REUSE_ON,
	TWS_REUSE_LOOPBACK,
};

/**
 * struct tws_reuse_rule - when connect() may take over a timewait socket
 * @mode:	enum tws_reuse_mode
 * @by_entry:	age is measured from the entry to TIME_WAIT, in milliseconds
 *		(6.14 and later); else from the last segment with a timestamp,
 *		in whole seconds
 * @delay_ms:	with @by_entry: the age that is needed (tcp_tw_reuse_delay)
 * @fin_wait2:	a socket in substate FIN_WAIT2 may be taken over too
 */
struct tws_reuse_rule {
	u8 mode;
	bool by_entry;
	u32 delay_ms;
	bool fin_wait2;
};

/**
 * struct tws_clock - the time, in the units that the kernel compares
 * @seconds:	ktime_get_seconds()
 * @ms:		tcp_clock_ms()
 */
struct tws_clock {
	u32 seconds;
	u32 ms;
};

bool tws_fin_wait2_reused(u32 version);
bool tws_may_reuse(const struct tws_reuse_rule *rule,
		   const struct tws_clock *now, const struct tws_tuple *t);

#endif /* TWS_REUSE_H */
