/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FORECAST_H
#define TWS_FORECAST_H

#include <linux/types.h>

#include "ages.h"

/**
 * struct tws_load - what happens to the ports of a destination
 * @free:	how many are free now
 * @closes_10s:	connections closed in the last ten seconds; the forecast assumes
 *		that as many go on to be opened and closed
 * @due:	ports that become free, by the second from now
 * @hold_s:	seconds for which a connection that closes keeps its port
 */
struct tws_load {
	u32 free;
	u32 closes_10s;
	u32 due[TWS_AGE_BINS];
	u32 hold_s;
};

u32 tws_forecast_full_ms(const struct tws_load *load);

#endif /* TWS_FORECAST_H */
