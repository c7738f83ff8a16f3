/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SYSCTL_H
#define TWS_SYSCTL_H

struct tws_net;

int tws_sysctl_add(struct tws_net *tn);
void tws_sysctl_remove(struct tws_net *tn);

#endif /* TWS_SYSCTL_H */
