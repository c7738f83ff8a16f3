/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LISTENERS_H
#define TWS_LISTENERS_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_breath;
struct tws_portmap;

int tws_listeners(struct inet_hashinfo *h, struct net *net, struct tws_portmap *ports,
		  struct tws_breath *breath, const bool *stop);

#endif /* TWS_LISTENERS_H */
