/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SCOPE_H
#define TWS_SCOPE_H

struct net;

/* A VRF and no device at all are the widest that there is. */
#define TWS_MAX_WIDER	2

/**
 * struct tws_scope - with whom a connect() on a device competes for ports
 * @dev:	ifindex of the device that the socket is bound to, 0 for none
 * @l3mdev:	VRF whose bind buckets count for it, 0 for none
 * @wider:	devices whose sockets count for it besides those of @dev; 0 is
 *		sockets without one. Those of @wider[i] are in the scope of
 *		@wider[i - 1] too, if that has any.
 * @nr_wider:	number of @wider
 */
struct tws_scope {
	int dev;
	int l3mdev;
	int wider[TWS_MAX_WIDER];
	unsigned int nr_wider;
};

void tws_scope_init(struct tws_scope *scope, int dev, int master, bool accept);
void tws_scope_of(struct tws_scope *scope, struct net *net, int dev);

#endif /* TWS_SCOPE_H */
