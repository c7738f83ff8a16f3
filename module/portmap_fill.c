// SPDX-License-Identifier: GPL-2.0-only
/* Fills the port map of a namespace from its reserved ports and bind table. */
#include <linux/bitmap.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>

#include "bindtable.h"
#include "compat/hashinfo.h"
#include "compute/portmap.h"
#include "portmap_fill.h"

static int tws_collect_port(void *map, const struct tws_used_port *batch,
			    unsigned int nr)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = tws_portmap_add(map, &batch[i]);
	return err;
}

/**
 * tws_portmap_reserve() - read the reserved ports of a namespace
 * @map:	the map, not finished
 * @net:	the namespace
 *
 * As ip.h:inet_is_local_reserved_port() asks for each port.
 */
void tws_portmap_reserve(struct tws_portmap *map, const struct net *net)
{
#ifdef CONFIG_SYSCTL
	const unsigned long *reserved = net->ipv4.sysctl_local_reserved_ports;

	if (reserved)
		bitmap_copy(map->reserved, reserved, TWS_PORTS);
#endif
}

/**
 * tws_portmap_fill() - find out which ports connect() may use now
 * @map:	result; for tws_portmap_free(), also on error
 * @net:	the namespace; the caller keeps it alive
 * @range:	its local port range
 * @skipped_only: the bitmaps TWS_HELD are not wanted
 * @stop:	ends the walk within a stride; or NULL
 *
 * Context: process context, may sleep.
 * Return: 0, or an error of tws_bindwalk().
 */
int tws_portmap_fill(struct tws_portmap *map, struct net *net,
		     const struct tws_range *range, bool skipped_only,
		     const bool *stop)
{
	struct tws_bindwalk walk = {
		.hashinfo = tws_compat_hashinfo(net),
		.net = net,
		.range = range,
		.skipped_only = skipped_only,
		.sink = tws_collect_port,
		.ctx = map,
		.stop = stop,
	};
	int err = tws_portmap_init(map, range);

	if (err)
		return err;
	tws_portmap_reserve(map, net);
	err = tws_bindwalk(&walk);
	tws_portmap_finish(map);
	return err;
}
