/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_NETS_H
#define TWS_NETS_H

struct net;
struct tws_net;

extern unsigned int tws_net_id;

struct tws_net *tws_net_of(const struct net *net);
void tws_nets_add(struct tws_net *tn);
void tws_nets_remove(struct tws_net *tn);
int tws_nets_get(struct tws_net ***nets);
void tws_nets_each(void (*each)(struct tws_net *tn));
void tws_nets_put(struct tws_net **nets, int nr);

#endif /* TWS_NETS_H */
