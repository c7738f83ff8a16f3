/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LISTENERS_H
#define TWS_LISTENERS_H

struct inet_hashinfo;
struct net;

void tws_listeners(struct inet_hashinfo *h, const struct net *net,
		   unsigned long *ports);

#endif /* TWS_LISTENERS_H */
