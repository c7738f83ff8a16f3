/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERS_PROC_H
#define TWS_CALLERS_PROC_H

struct tws_net;

int tws_callers_proc_add(struct tws_net *tn);
void tws_callers_proc_remove(struct tws_net *tn);

#endif /* TWS_CALLERS_PROC_H */
