// SPDX-License-Identifier: GPL-2.0-only
/* Devices of a namespace: their names, and which VRF they belong to. */
#include <linux/netdevice.h>
#include <linux/string.h>
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

/**
 * tws_device_name() - find the name of a device
 * @buf:	result, IFNAMSIZ bytes: the name, or "" if @dev is 0
 * @net:	its namespace
 * @dev:	its ifindex
 */
void tws_device_name(char *buf, struct net *net, int dev)
{
	const struct net_device *found;

	buf[0] = '\0';
	if (!dev)
		return;
	rcu_read_lock();
	found = dev_get_by_index_rcu(net, dev);
	if (found)
		strscpy(buf, found->name, IFNAMSIZ);
	rcu_read_unlock();
	/* The device is gone, its sockets are not: name it as iproute2 does. */
	if (!found)
		snprintf(buf, IFNAMSIZ, "if%d", dev);
}
