// SPDX-License-Identifier: GPL-2.0-only
/* Which VRF a device of a namespace belongs to, and what follows from that. */
#include <net/l3mdev.h>
#include <net/net_namespace.h>

#include "compute/scope.h"
#include "netscope.h"

/**
 * tws_scope_of() - find the scope of a device of a namespace
 * @scope:	result
 * @net:	the namespace
 * @dev:	ifindex of the device, 0 for none
 */
void tws_scope_of(struct tws_scope *scope, struct net *net, int dev)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	const bool accept = READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept);
#else
	const bool accept = false;
#endif

	tws_scope_init(scope, dev, l3mdev_master_ifindex_by_index(net, dev),
		       accept);
}
