/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_NETSCOPE_H
#define TWS_NETSCOPE_H

struct net;
struct tws_scope;

void tws_device_name(char *buf, struct net *net, int dev);
void tws_scope_of(struct tws_scope *scope, struct net *net, int dev);

#endif /* TWS_NETSCOPE_H */
