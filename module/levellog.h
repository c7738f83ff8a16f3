/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_LEVELLOG_H
#define TWS_LEVELLOG_H

#include <linux/types.h>

struct tws_event;

void tws_levellog(const struct tws_event *event);
void tws_levellog_unknown(bool unknown);

#endif /* TWS_LEVELLOG_H */
