// SPDX-License-Identifier: GPL-2.0-only
/* The settings that all namespaces share: their values and who reads them. */
#include <net/net_namespace.h>

#include "shared.h"

struct tws_shared tws_shared = {
	.max_rows		= 4096,
	.cache_ms		= 100,
	.monitor_floor_ms	= 1000,
	.monitor_budget		= 1,
};

/**
 * tws_max_rows() - how many rows a snapshot may have
 */
u32 tws_max_rows(void)
{
	return READ_ONCE(tws_shared.max_rows);
}

/**
 * tws_cache_ms() - how old a snapshot may be that readers share, milliseconds
 */
u32 tws_cache_ms(void)
{
	return READ_ONCE(tws_shared.cache_ms);
}

/**
 * tws_monitor_budget() - share of a processor that the monitors of all
 * namespaces but the initial one have together, in per cent
 */
u32 tws_monitor_budget(void)
{
	return READ_ONCE(tws_shared.monitor_budget);
}

/**
 * tws_monitor_floor_ms() - the shortest interval of a namespace's monitor
 * @net:	the namespace
 */
u32 tws_monitor_floor_ms(const struct net *net)
{
	return net_eq(net, &init_net) ? TWS_MONITOR_MIN_MS :
					READ_ONCE(tws_shared.monitor_floor_ms);
}
