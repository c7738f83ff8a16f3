/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SOURCES_PROC_H
#define TWS_SOURCES_PROC_H

struct tws_net;

int tws_sources_proc_add(struct tws_net *tn);
void tws_sources_proc_remove(struct tws_net *tn);

#endif /* TWS_SOURCES_PROC_H */
