/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which ports come back by themselves, and when: those of a destination, and those that
 * bind() has taken from all destinations.
 */
#ifndef TWS_TURNOVER_H
#define TWS_TURNOVER_H

#include <linux/mm.h>
#include <linux/types.h>

#include "ages.h"
#include "classify.h"

/* net.ipv4.tcp_fin_timeout counts up to here: longer, and the socket stays a full one. */
#define TWS_FIN_MAX_S	((u32)TWS_AGE_BINS)

/**
 * struct tws_turnover - how ports come and go
 * @kept:	ports that no timer gives back
 * @fin_wait2:	ports that timewait sockets in FIN_WAIT2 hold
 * @fin_wait2_new: of these, those of the last ten seconds, or of tcp_fin_timeout if that
 *		is less
 * @fin_wait2_due: of these, those whose timer is due within a second
 * @closes_10s:	ports whose socket entered TIME_WAIT in the last ten seconds
 * @due:	ports that a timer gives back, by the second from now
 */
struct tws_turnover {
	u32 kept;
	u32 fin_wait2;
	u32 fin_wait2_new;
	u32 fin_wait2_due;
	u32 closes_10s;
	u32 due[TWS_AGE_BINS];
};

/*
 * When a port comes back that connect() skips: its bucket goes with its last socket
 * (inet_hashtables.c:inet_bind_bucket_destroy()). One byte for each port.
 */
#define TWS_ENDS_PAGES	DIV_ROUND_UP(TWS_PORTS, PAGE_SIZE)

/**
 * struct tws_ends - the ends of ports
 * @page:	a byte for each port, where a port of the page has a socket
 */
struct tws_ends {
	u8 *page[TWS_ENDS_PAGES];
};

bool tws_ends_note(struct tws_ends *ends, const struct tws_tuple *t);
void tws_ends_forget(struct tws_ends *ends);
void tws_ends_free(struct tws_ends *ends);
void tws_ends_sum(struct tws_turnover *sum, const struct tws_ends *ends,
		  const unsigned long *open, const unsigned long *usable, u32 fin_s);
void tws_turnover_fin_wait2(struct tws_turnover *sum, const u32 age[TWS_AGE_BINS],
			    u32 fin_s);

/**
 * tws_due_second() - the second from now in which a timer is due
 * @left_ms:	time until then
 */
static inline u32 tws_due_second(u32 left_ms)
{
	return TWS_AGE_BINS - 1 - tws_age_bin(left_ms);
}

#endif /* TWS_TURNOVER_H */
