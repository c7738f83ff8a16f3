// SPDX-License-Identifier: GPL-2.0-only
/* What the module has cost since it was loaded. */
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include "costs.h"

static DEFINE_SPINLOCK(tws_costs_lock);
static struct tws_costs tws_costs;

/**
 * tws_costs_add_snapshot() - add the cost of a snapshot
 * @cost:	what it cost
 */
void tws_costs_add_snapshot(const struct tws_snapshot_cost *cost)
{
	struct tws_snapshot_cost *sum = &tws_costs.sum;

	spin_lock(&tws_costs_lock);
	if (!tws_costs.walks++ || cost->ns < tws_costs.ns_min)
		tws_costs.ns_min = cost->ns;
	tws_costs.ns_max = max(tws_costs.ns_max, cost->ns);
	sum->ns += cost->ns;
	sum->sockets += cost->sockets;
	sum->retried += cost->retried;
	sum->locked += cost->locked;
	sum->breath.longest_ns = max(sum->breath.longest_ns,
				     cost->breath.longest_ns);
	spin_unlock(&tws_costs_lock);
}

/**
 * tws_costs_add_hit() - count a reader that shares a snapshot
 */
void tws_costs_add_hit(void)
{
	spin_lock(&tws_costs_lock);
	tws_costs.hits++;
	spin_unlock(&tws_costs_lock);
}

/**
 * tws_costs_add_bytes() - count memory that snapshots hold
 * @bytes:	how much more; negative if it was freed
 */
void tws_costs_add_bytes(s64 bytes)
{
	spin_lock(&tws_costs_lock);
	tws_costs.bytes += bytes;
	spin_unlock(&tws_costs_lock);
}

/**
 * tws_costs_get() - read the costs
 * @costs:	result
 */
void tws_costs_get(struct tws_costs *costs)
{
	spin_lock(&tws_costs_lock);
	*costs = tws_costs;
	spin_unlock(&tws_costs_lock);
}
