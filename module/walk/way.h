/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_WAY_H
#define TWS_WAY_H

#include "compute/way.h"

void tws_way_start(void);
enum tws_way tws_way(void);
const char *tws_way_why(enum tws_way way);

#endif /* TWS_WAY_H */
