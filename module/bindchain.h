/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BINDCHAIN_H
#define TWS_BINDCHAIN_H

#include "bindtable.h"

struct inet_bind_hashbucket;

unsigned int tws_bindchain_read(struct tws_bindwalk *w, struct inet_bind_hashbucket *head);

#endif /* TWS_BINDCHAIN_H */
