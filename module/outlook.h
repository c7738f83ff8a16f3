/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_OUTLOOK_H
#define TWS_OUTLOOK_H

#include "compute/level.h"

struct net;
struct tws_crowd;
struct tws_outlook;
struct tws_portmap;
struct tws_table;
struct tws_thresholds_view;

/**
 * struct tws_judge - what the outlook of destinations depends on
 * @net:	the namespace
 * @ports:	which ports connect() may use, and how those come and go that it skips
 * @thresholds:	thresholds of the namespace
 * @fin_s:	net.ipv4.tcp_fin_timeout in seconds, at most TWS_FIN_MAX_S
 * @past_ms:	age of the oldest snapshot that the rows were compared with
 * @dropping:	the kernel makes no timewait sockets for some who close: as many come as
 *		go, and how many close is not known
 * @timewait:	sockets in TIME_WAIT
 * @crowd:	all timewait sockets; of @closes_10s and @due those in FIN_WAIT2 only
 */
struct tws_judge {
	struct net *net;
	const struct tws_portmap *ports;
	const struct tws_thresholds_view *thresholds;
	u32 fin_s;
	u32 past_ms;
	bool dropping;
	u64 timewait;
	const struct tws_crowd *crowd;
};

void tws_outlook_rows(struct tws_table *table, const struct tws_judge *judge);
void tws_outlook_fresh(struct tws_outlook *outlook, const struct tws_portmap *ports,
		       const struct tws_thresholds_view *thresholds);
enum tws_level tws_outlook_hidden(const struct tws_table *table,
				  const struct tws_portmap *ports,
				  const struct tws_thresholds_view *thresholds);

#endif /* TWS_OUTLOOK_H */
