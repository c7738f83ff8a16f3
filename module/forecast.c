// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the ports of a destination run out. Pure.
 *
 * Not a straight line: each port in TIME_WAIT comes back at a time that is
 * known. Second by second, ports go at the close rate and come back as they
 * are due; once the connections of the forecast itself come back as fast as
 * new ones go, nothing changes any more.
 */
#include <linux/math64.h>

#include "forecast.h"

/**
 * tws_forecast_full_ms() - time until no port is free
 * @load:	what is known
 *
 * Return: milliseconds from now, 0 if none is free now, or TWS_NEVER if the
 * rate can go on for ever.
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
