// SPDX-License-Identifier: GPL-2.0-only
/*
 * With whom a connect() on a device competes for ports.
 *
 * A connecting socket that is bound to no device meets only sockets that are
 * bound to none. One that is bound to a device meets those of the device, those
 * of the device's VRF, and those without a device: these last in a VRF only if
 * net.ipv4.tcp_l3mdev_accept is set (inet_sock.h:inet_bound_dev_eq()). The
 * bind buckets that count are those of the VRF, or with tcp_l3mdev_accept those
 * of no VRF (inet_sock.h:inet_sk_bound_l3mdev()).
 */
#include "scope.h"

/**
 * tws_scope_init() - apply the rule
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
