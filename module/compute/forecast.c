// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the ports of a destination run out.
 *
 * The use of ports is no straight line: each port in TIME_WAIT becomes free at
 * a time that is known. So the forecast goes second by second: connections take
 * ports at the close rate, and ports become free as they are due. After hold_s
 * seconds the ports that the forecast itself took become free as well. From
 * then on as many come back as are taken, and nothing changes any more.
 */
#include <linux/math64.h>

#include "forecast.h"

/**
 * tws_forecast_full_ms() - time until no port is free
 * @load:	the ports, and what happens to them
 *
 * Return: milliseconds from now, 0 if none is free now, or TWS_NEVER if the
 * ports last at this rate.
 */
u32 tws_forecast_full_ms(const struct tws_load *load)
{
	/* In tenths of a port, the unit in which closes_10s is a rate. */
	s64 free = 10ll * load->free;
	u32 second;

	if (!load->free)
		return 0;
	for (second = 0; second < TWS_AGE_BINS; second++) {
		const s64 before = free;

		free -= load->closes_10s;
		free += 10ll * load->due[second];
		if (second >= load->hold_s)
			free += load->closes_10s;
		if (free <= 0)
			return second * 1000 +
			       (u32)div64_s64(1000 * before, before - free);
	}
	return TWS_NEVER;
}
