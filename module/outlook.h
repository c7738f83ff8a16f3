/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_OUTLOOK_H
#define TWS_OUTLOOK_H

#include "compute/level.h"

struct net;
struct tws_outlook;
struct tws_portmap;
struct tws_table;
struct tws_thresholds_view;

void tws_outlook_rows(struct tws_table *table, const struct tws_portmap *ports,
		      struct net *net,
		      const struct tws_thresholds_view *thresholds);
void tws_outlook_fresh(struct tws_outlook *outlook, const struct tws_portmap *ports,
		       const struct tws_thresholds_view *thresholds);
enum tws_level tws_outlook_hidden(const struct tws_table *table,
				  const struct tws_portmap *ports,
				  const struct tws_thresholds_view *thresholds);

#endif /* TWS_OUTLOOK_H */
