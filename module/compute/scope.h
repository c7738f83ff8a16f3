/* SPDX-License-Identifier: GPL-2.0-only */
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

void tws_scope_init(struct tws_scope *scope, int dev, int master, bool accept);

#endif /* TWS_SCOPE_H */
