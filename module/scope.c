// SPDX-License-Identifier: GPL-2.0-only
/*
 * With whom a connect() on a device competes for ports.
 *
 * A connecting socket that is bound to no device meets only sockets that are
 * bound to none. One that is bound to a device meets those of the device, those
 * of the device's VRF, and those without a device: these last in a VRF only if
 * net.ipv4.tcp_l3mdev_accept is set (inet_sock.h:inet_bound_dev_eq()). Which
 * bind buckets count is a question of the VRF, and of none at all with
 * tcp_l3mdev_accept (inet_sock.h:inet_sk_bound_l3mdev()).
 */
#include <net/l3mdev.h>
#include <net/net_namespace.h>

#include "scope.h"

/**
 * tws_scope_init() - the rule
 * @scope:	result
 * @dev:	ifindex of the device, 0 for none
 * @master:	ifindex of its VRF (its own if it is one), 0 for none
 * @accept:	net.ipv4.tcp_l3mdev_accept
 */
void tws_scope_init(struct tws_scope *scope, int dev, int master, bool accept)
{
	scope->dev = dev;
	scope->l3mdev = accept ? 0 : master;
	scope->nr_wider = 0;
	if (master && master != dev)
		scope->wider[scope->nr_wider++] = master;
	if (dev && (!master || accept))
		scope->wider[scope->nr_wider++] = 0;
}

/**
 * tws_scope_of() - the rule for a device of a namespace
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
