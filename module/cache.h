/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CACHE_H
#define TWS_CACHE_H

struct tws_net;
struct tws_snapshot;

struct tws_snapshot *tws_cache_get(struct tws_net *tn);
void tws_cache_drop(struct tws_net *tn);

#endif /* TWS_CACHE_H */
