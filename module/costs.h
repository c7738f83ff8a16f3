/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COSTS_H
#define TWS_COSTS_H

#include <linux/types.h>

#include "compute/stride.h"

/**
 * struct tws_snapshot_cost - what taking one snapshot cost
 * @ns:		how long it took
 * @sockets:	sockets that were counted
 * @retried:	slots that were read again
 * @locked:	slots that were read under their lock
 * @breath:	begun with it
 */
struct tws_snapshot_cost {
	u64 ns;
	u64 sockets;
	u64 retried;
	u64 locked;
	struct tws_breath breath;
};

/**
 * struct tws_costs - what the module has cost since it was loaded
 * @walks:	snapshots taken
 * @hits:	readers that shared one
 * @ns_min:	time of the quickest
 * @ns_max:	time of the slowest
 * @sum:	sums over all, but for @breath.longest_ns, which is the longest of all
 * @bytes:	memory that snapshots hold now
 */
struct tws_costs {
	u64 walks;
	u64 hits;
	u64 ns_min;
	u64 ns_max;
	struct tws_snapshot_cost sum;
	s64 bytes;
};

void tws_costs_add_snapshot(const struct tws_snapshot_cost *cost);
void tws_costs_add_hit(void);
void tws_costs_add_bytes(s64 bytes);
void tws_costs_get(struct tws_costs *costs);

#endif /* TWS_COSTS_H */
