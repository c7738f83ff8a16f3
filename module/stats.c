// SPDX-License-Identifier: GPL-2.0-only
/* What the module itself costs. */
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include "stats.h"

static DEFINE_SPINLOCK(tws_stats_lock);
static struct tws_stats tws_stats;

/**
 * tws_stats_walk() - a snapshot was taken
 * @cost:	what it cost
 */
void tws_stats_walk(const struct tws_walk_cost *cost)
{
	struct tws_walk_cost *sum = &tws_stats.sum;

	spin_lock(&tws_stats_lock);
	if (!tws_stats.walks++ || cost->ns < tws_stats.ns_min)
		tws_stats.ns_min = cost->ns;
	tws_stats.ns_max = max(tws_stats.ns_max, cost->ns);
	sum->ns += cost->ns;
	sum->sockets += cost->sockets;
	sum->retried += cost->retried;
	sum->locked += cost->locked;
	sum->longest_ns = max(sum->longest_ns, cost->longest_ns);
	spin_unlock(&tws_stats_lock);
}

/**
 * tws_stats_hit() - a reader shares a snapshot
 */
void tws_stats_hit(void)
{
	spin_lock(&tws_stats_lock);
	tws_stats.hits++;
	spin_unlock(&tws_stats_lock);
}

/**
 * tws_stats_bytes() - memory was taken or given back
 * @bytes:	how much, negative if it was given back
 */
void tws_stats_bytes(s64 bytes)
{
	spin_lock(&tws_stats_lock);
	tws_stats.bytes += bytes;
	spin_unlock(&tws_stats_lock);
}

/**
 * tws_stats_get() - read them
 * @stats:	result
 */
void tws_stats_get(struct tws_stats *stats)
{
	spin_lock(&tws_stats_lock);
	*stats = tws_stats;
	spin_unlock(&tws_stats_lock);
}
