/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SOURCEWALK_H
#define TWS_SOURCEWALK_H

#include <linux/types.h>

#include "cache.h"
#include "compute/classify.h"
#include "compute/level.h"
#include "compute/sources.h"

struct tws_net;

/**
 * struct tws_sources - how many ports bind() finds, at one time
 * @cached:	its references, and when it was taken
 * @netns:	inode number of the namespace
 * @range:	net.ipv4.ip_local_port_range
 * @reserved:	tried ports that are reserved
 * @open:	the other tried ports
 * @autobind_reuse: net.ipv4.ip_autobind_reuse
 * @thresholds:	when to warn
 * @table:	the rows, sorted
 */
struct tws_sources {
	struct tws_cached cached;
	unsigned int netns;
	struct tws_range range;
	u32 reserved;
	u32 open;
	u8 autobind_reuse;
	struct tws_thresholds thresholds;
	struct tws_sources_table table;

	/* private: */
	size_t bytes;
};

struct tws_sources *tws_sources_get(struct tws_net *tn);
void tws_sources_put(struct tws_sources *sources);
bool tws_bind_level(struct tws_net *tn, u8 *level);

#endif /* TWS_SOURCEWALK_H */
