/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PORTMAP_FILL_H
#define TWS_PORTMAP_FILL_H

struct net;
struct tws_portmap;
struct tws_range;

void tws_portmap_reserve(struct tws_portmap *map, const struct net *net);
int tws_portmap_fill(struct tws_portmap *map, struct net *net,
		     const struct tws_range *range, bool skipped_only,
		     const bool *stop);

#endif /* TWS_PORTMAP_FILL_H */
