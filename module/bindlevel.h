/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BINDLEVEL_H
#define TWS_BINDLEVEL_H

#include <linux/types.h>

struct tws_net;

bool tws_bind_level(struct tws_net *tn, u8 *level);

#endif /* TWS_BINDLEVEL_H */
