/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_RULES_PROC_H
#define TWS_RULES_PROC_H

struct tws_net;

int tws_rules_proc_add(struct tws_net *tn);
void tws_rules_proc_remove(struct tws_net *tn);

#endif /* TWS_RULES_PROC_H */
