/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_THRESHOLDS_PROC_H
#define TWS_THRESHOLDS_PROC_H

struct tws_net;

int tws_thresholds_proc_add(struct tws_net *tn);
void tws_thresholds_proc_remove(struct tws_net *tn);

#endif /* TWS_THRESHOLDS_PROC_H */
