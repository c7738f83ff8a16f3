/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_OWNERS_H
#define TWS_OWNERS_H

#include <linux/types.h>

struct inet_hashinfo;
struct net;
struct tws_owner;

/**
 * struct tws_ownerwalk - a walk over the owners of ports
 * @hashinfo:	tables of @net
 * @net:	only owners of this namespace are handed out
 * @ports:	bitmap: only owners of these ports are handed out
 * @sink:	gets an owner, in process context with no lock held
 * @lost:	gets a port of which some owners were not handed out, after those that were
 * @ctx:	first argument of both
 * @stop:	ends the walk within a stride; or NULL
 */
struct tws_ownerwalk {
	struct inet_hashinfo *hashinfo;
	struct net *net;
	const unsigned long *ports;
	void (*sink)(void *ctx, const struct tws_owner *owner);
	void (*lost)(void *ctx, u16 port);
	void *ctx;
	const bool *stop;

	/* private: */
	struct tws_owner *batch;
	unsigned int nr;
};

int tws_ownerwalk(struct tws_ownerwalk *w);

#endif /* TWS_OWNERS_H */
