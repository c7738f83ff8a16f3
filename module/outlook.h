/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_OUTLOOK_H
#define TWS_OUTLOOK_H

struct net;
struct tws_net_thresholds;
struct tws_portmap;
struct tws_table;

void tws_outlook_rows(struct tws_table *table, const struct tws_portmap *ports,
		      struct net *net,
		      const struct tws_net_thresholds *thresholds);

#endif /* TWS_OUTLOOK_H */
