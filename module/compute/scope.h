/* SPDX-License-Identifier: GPL-2.0-only */
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
#ifndef TWS_SCOPE_H
#define TWS_SCOPE_H

#include <linux/types.h>

/* A device has at most two wider scopes: its VRF, and no device. */
#define TWS_MAX_WIDER	2

/**
 * struct tws_scope - the sockets that compete with a connect() for ports
 * @dev:	ifindex of the device that the socket is bound to, 0 for none
 * @l3mdev:	VRF whose bind buckets count for it, 0 for none
 * @wider:	devices whose sockets compete too, besides those of @dev; 0
 *		stands for sockets without a device. Sockets on @wider[i] also
 *		compete with those on @wider[i - 1].
 * @nr_wider:	number of @wider
 */
struct tws_scope {
	int dev;
	int l3mdev;
	int wider[TWS_MAX_WIDER];
	unsigned int nr_wider;
};

/**
 * tws_scope_init() - find out with whom a connect() competes for ports
 * @scope:	result
 * @dev:	ifindex of the device, 0 for none
 * @master:	ifindex of its VRF (its own if it is one), 0 for none
 * @accept:	net.ipv4.tcp_l3mdev_accept
 */
static inline void tws_scope_init(struct tws_scope *scope, int dev, int master,
				  bool accept)
{
	scope->dev = dev;
	scope->l3mdev = accept ? 0 : master;
	scope->nr_wider = 0;
	if (master && master != dev)
		scope->wider[scope->nr_wider++] = master;
	if (dev && (!master || accept))
		scope->wider[scope->nr_wider++] = 0;
}

#endif /* TWS_SCOPE_H */
