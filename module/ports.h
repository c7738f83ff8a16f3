/* SPDX-License-Identifier: GPL-2.0-only */
/* Which ports of a namespace are in use, and for what: what fills its port map. */
#ifndef TWS_PORTS_H
#define TWS_PORTS_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_breath;
struct tws_portmap;
struct tws_range;

/* bindtable.c: the ports that are reserved, and those that have bind buckets. */
void tws_portmap_reserve(struct tws_portmap *map, const struct net *net);
int tws_portmap_fill(struct tws_portmap *map, struct net *net,
		     const struct tws_range *range, bool skipped_only,
		     struct tws_breath *breath, const bool *stop);

/* listeners.c: the ports that somebody listens on. */
int tws_listeners(struct inet_hashinfo *h, struct net *net, struct tws_portmap *ports,
		  struct tws_breath *breath, const bool *stop);

#endif /* TWS_PORTS_H */
