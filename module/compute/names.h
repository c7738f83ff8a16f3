/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_NAMES_H
#define TWS_NAMES_H

#include <linux/if.h>
#include <linux/types.h>

struct tws_key;

/* "[", 39 characters of IPv6, "%", a device, "]:65535" and the final 0. */
#define TWS_NAME_MAX	(1 + 39 + 1 + IFNAMSIZ + 7 + 1)

unsigned int tws_local_name(char *buf, const struct tws_key *key,
			    const char *dev_name);
unsigned int tws_remote_name(char *buf, const struct tws_key *key);
const char *tws_level_name(u8 level);

#endif /* TWS_NAMES_H */
