/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef COUNT_H
#define COUNT_H

#include <linux/types.h>

/* Addresses and port in network order. */
struct destination {
	__be32 local;
	__be32 remote;
	__be16 port;
	__be16 pad;
};

#endif /* COUNT_H */
