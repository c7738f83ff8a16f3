// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tw_summary/: the files show all namespaces. Under lockdown
 * debugfs only opens files of mode 0444 without write or mmap, as these are.
 *
 * This file makes "ports": the ports that connect() skips, with the reason, and how many
 * ports of each parity are in use. connect() tries the ports of the parity of the first one,
 * all of them, before it tries the others (inet_hashtables.c:__inet_hash_connect()). Once
 * that parity is full, each connect() tries half of the range in vain.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "compute/portmap.h"
#include "files.h"
#include "net.h"
#include "ports.h"
#include "settings.h"

static const char *tws_why(const struct tws_portmap *map,
			   const struct tws_vrf_ports *vrf, u32 port)
{
	if (test_bit(port, map->reserved))
		return "reserved";
	if (test_bit(port, vrf->set[TWS_SKIPPED]))
		return "bound";
	return NULL;
}

static void tws_show_runs(struct seq_file *m, unsigned int netns,
			  const struct tws_portmap *map,
			  const struct tws_vrf_ports *vrf)
{
	u32 port = map->range.low, first;

	while (port <= map->range.high) {
		const char *why = tws_why(map, vrf, port);

		first = port;
		do
			port++;
		while (port <= map->range.high &&
		       tws_why(map, vrf, port) == why);
		if (why)
			seq_printf(m, "%-10u %6d  %-8s  %u-%u\n", netns,
				   vrf->l3mdev, why, first, port - 1);
	}
}

static void tws_show_parity(struct seq_file *m, const char *name,
			    const struct tws_portmap *map,
			    const struct tws_vrf_ports *vrf, u32 parity)
{
	u32 usable, held;

	tws_ports_parity(map, vrf, parity, &usable, &held);
	seq_printf(m, " %s_usable=%u %s_held=%u", name, usable, name, held);
}

static void tws_show_map(struct seq_file *m, unsigned int netns,
			 const struct tws_portmap *map)
{
	const u32 first = map->range.low & 1;
	unsigned int i;

	for (i = 0; i < map->nr_vrfs; i++) {
		const struct tws_vrf_ports *vrf = &map->vrfs[i];

		seq_printf(m, "# ports netns=%u l3mdev=%d range=%u-%u tried=%u reserved=%u bound=%u usable=%u",
			   netns, vrf->l3mdev, map->range.low, map->range.high,
			   tws_range_tried(&map->range), map->nr_reserved,
			   vrf->nr_bound, tws_ports_usable(map, vrf));
		tws_show_parity(m, "first_parity", map, vrf, first);
		tws_show_parity(m, "second_parity", map, vrf, !first);
		seq_putc(m, '\n');
		tws_show_runs(m, netns, map, vrf);
	}
}

static int tws_show_net_ports(struct seq_file *m, struct net *net)
{
	struct tws_settings settings;
	struct tws_portmap map;
	int err;

	tws_settings_read(net, &settings);
	err = tws_portmap_fill(&map, net, &settings.range, false, NULL, NULL);
	if (!err)
		tws_show_map(m, net->ns.inum, &map);
	tws_portmap_free(&map);
	return err;
}

static int tws_debug_ports_show(struct seq_file *m, void *v)
{
	struct tws_net **nets;
	int nr, i, err = 0;

	nr = tws_nets_get(&nets);
	if (nr < 0)
		return nr;
	seq_printf(m, "%-10s %6s  %-8s  %s\n", "netns", "l3mdev", "why",
		   "ports");
	for (i = 0; i < nr && !err; i++)
		err = tws_show_net_ports(m, nets[i]->net);
	tws_nets_put(nets, nr);
	return err;
}

DEFINE_SHOW_ATTRIBUTE(tws_debug_ports);

static struct dentry *tws_debug_dir;

/**
 * tws_debugfs_add() - make the folder and its files
 *
 * The module works without them: nothing is reported.
 */
void tws_debugfs_add(void)
{
	tws_debug_dir = debugfs_create_dir("tw_summary", NULL);
	tws_debug_rows_add(tws_debug_dir);
	debugfs_create_file("ports", 0444, tws_debug_dir, NULL, &tws_debug_ports_fops);
	tws_debug_walk_add(tws_debug_dir);
}

void __exit tws_debugfs_remove(void)
{
	debugfs_remove_recursive(tws_debug_dir);
}
