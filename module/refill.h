/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_REFILL_H
#define TWS_REFILL_H

#include "compute/reserve.h"

extern struct tws_reserve tws_reserve;

void tws_refill_start(void);
void tws_refill_stop(void);

#endif /* TWS_REFILL_H */
