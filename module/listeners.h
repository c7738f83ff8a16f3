/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LISTENERS_H
#define TWS_LISTENERS_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;

int tws_listeners(struct inet_hashinfo *h, const struct net *net,
		  unsigned long *ports, const bool *stop);

#endif /* TWS_LISTENERS_H */
