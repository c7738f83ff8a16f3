// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which ports of the range connect() may use, whatever the destination.
 *
 * connect() tries an even number of ports (inet_hashtables.c:
 * __inet_hash_connect()). Of a range of an odd number it skips one: the highest
 * if it starts at the lowest port, else the lowest. So it nearly always skips
 * the lowest, and here it always does: for an odd range `free` is right to
 * within one.
 */
#include <linux/bitmap.h>
#include <linux/jhash.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "gfp.h"
#include "portmap.h"

/* VRFs with ports in use, at most; each takes four bitmaps. */
#define TWS_MAX_VRFS	256

/**
 * tws_alloc_ports() - make a bitmap of all ports
 *
 * Return: the bitmap, zeroed, for kfree(); NULL if memory is short.
 */
unsigned long *tws_alloc_ports(void)
{
	return kcalloc(BITS_TO_LONGS(TWS_PORTS), sizeof(long), TWS_GFP);
}

/**
 * tws_portmap_add_vrf() - add a VRF without a port in use
 * @map:	the map, finished or not
 * @l3mdev:	ifindex of the VRF device, of which it has no ports yet
 *
 * Return: 0 or -ENOMEM.
 */
int tws_portmap_add_vrf(struct tws_portmap *map, int l3mdev)
{
	struct tws_vrf_ports vrf = { .l3mdev = l3mdev };
	struct tws_vrf_ports *vrfs;
	bool short_of_memory;
	int i;

	if (map->nr_vrfs == TWS_MAX_VRFS)
		return -ENOMEM;
	vrfs = kmalloc_array(map->nr_vrfs + 1, sizeof(*vrfs), TWS_GFP);
	short_of_memory = !vrfs;
	for (i = 0; i < TWS_NR_PORTSETS; i++) {
		vrf.set[i] = tws_alloc_ports();
		short_of_memory |= !vrf.set[i];
	}
	if (short_of_memory) {
		kfree(vrfs);
		for (i = 0; i < TWS_NR_PORTSETS; i++)
			kfree(vrf.set[i]);
		return -ENOMEM;
	}
	bitmap_copy(vrf.set[TWS_USABLE], map->open, TWS_PORTS);
	if (map->nr_vrfs)
		memcpy(vrfs, map->vrfs, map->nr_vrfs * sizeof(*vrfs));
	vrfs[map->nr_vrfs++] = vrf;
	kfree(map->vrfs);
	map->vrfs = vrfs;
	return 0;
}

/**
 * tws_portmap_init() - make a map without a port in use
 * @map:	the map; its bitmap @reserved is zero, for the caller to fill
 * @range:	net.ipv4.ip_local_port_range
 *
 * Return: 0 or -ENOMEM.
 */
int tws_portmap_init(struct tws_portmap *map, const struct tws_range *range)
{
	memset(map, 0, sizeof(*map));
	map->range = *range;
	map->tried = *range;
	map->tried.low += tws_range_size(range) - tws_range_tried(range);
	map->reserved = tws_alloc_ports();
	map->open = tws_alloc_ports();
	if (!map->reserved || !map->open)
		return -ENOMEM;
	return tws_portmap_add_vrf(map, 0);
}

/**
 * tws_portmap_free() - free what a map holds
 * @map:	the map, also one whose tws_portmap_init() failed
 */
void tws_portmap_free(struct tws_portmap *map)
{
	unsigned int i, set;

	for (i = 0; i < map->nr_vrfs; i++) {
		for (set = 0; set < TWS_NR_PORTSETS; set++)
			kfree(map->vrfs[i].set[set]);
		tws_ends_free(&map->vrfs[i].ends);
	}
	kfree(map->vrfs);
	kfree(map->open);
	kfree(map->reserved);
	memset(map, 0, sizeof(*map));
}

static struct tws_vrf_ports *tws_find_vrf(const struct tws_portmap *map,
					  int l3mdev)
{
	unsigned int i;

	for (i = 0; i < map->nr_vrfs; i++)
		if (map->vrfs[i].l3mdev == l3mdev)
			return &map->vrfs[i];
	return NULL;
}

/**
 * tws_portmap_add() - add a port in use
 * @map:	the map
 * @used:	the port
 *
 * Return: 0 or -ENOMEM.
 */
int tws_portmap_add(struct tws_portmap *map, const struct tws_used_port *used)
{
	struct tws_vrf_ports *vrf = tws_find_vrf(map, used->l3mdev);

	if (!vrf) {
		int err = tws_portmap_add_vrf(map, used->l3mdev);

		if (err)
			return err;
		vrf = &map->vrfs[map->nr_vrfs - 1];
	}
	__set_bit(used->port, vrf->set[TWS_HELD]);
	if (used->skipped)
		__set_bit(used->port, vrf->set[TWS_SKIPPED]);
	return 0;
}

/**
 * tws_portmap_listen() - add a port that somebody listens on
 * @map:	the map, finished or not
 * @l3mdev:	VRF that he listens in, 0 for none
 * @port:	port, host order
 *
 * Context: any; does not allocate.
 * Return: false if tws_portmap_add_vrf() must come first.
 */
bool tws_portmap_listen(struct tws_portmap *map, int l3mdev, u16 port)
{
	struct tws_vrf_ports *vrf = tws_find_vrf(map, l3mdev);

	if (vrf)
		__set_bit(port, vrf->set[TWS_LISTENED]);
	return vrf;
}

/**
 * tws_portmap_vrf() - the ports of a VRF
 * @map:	the map, complete
 * @l3mdev:	ifindex of the VRF device, 0 for none
 *
 * Return: the ports, or NULL: none is in use there.
 */
struct tws_vrf_ports *tws_portmap_vrf(const struct tws_portmap *map, int l3mdev)
{
	return tws_find_vrf(map, l3mdev);
}

/**
 * tws_portmap_finish() - count, once all ports are added
 * @map:	the map
 *
 * Context: process context, may sleep.
 */
void tws_portmap_finish(struct tws_portmap *map)
{
	const u32 tried = tws_range_tried(&map->range);
	unsigned int i;
	u32 nr_open;

	bitmap_zero(map->open, TWS_PORTS);
	bitmap_set(map->open, map->tried.low, tried);
	bitmap_andnot(map->open, map->open, map->reserved, TWS_PORTS);
	nr_open = bitmap_weight(map->open, TWS_PORTS);
	map->nr_reserved = tried - nr_open;

	for (i = 0; i < map->nr_vrfs; i++) {
		struct tws_vrf_ports *vrf = &map->vrfs[i];
		unsigned long *usable = vrf->set[TWS_USABLE];

		cond_resched();
		bitmap_andnot(usable, map->open, vrf->set[TWS_SKIPPED],
			      TWS_PORTS);
		vrf->nr_bound = nr_open - bitmap_weight(usable, TWS_PORTS);
	}
}

/**
 * tws_portmap_restart() - begin to take down the sockets of ports that connect() skips
 * @map:	the map, finished
 */
void tws_portmap_restart(struct tws_portmap *map)
{
	unsigned int i;

	for (i = 0; i < map->nr_vrfs; i++)
		tws_ends_forget(&map->vrfs[i].ends);
}

/**
 * tws_portmap_sum() - see how these ports come and go, once all sockets are counted
 * @map:	the map
 * @fin_s:	see tws_turnover_fin_wait2()
 *
 * Context: process context, may sleep.
 */
void tws_portmap_sum(struct tws_portmap *map, u32 fin_s)
{
	unsigned int i;

	for (i = 0; i < map->nr_vrfs; i++) {
		struct tws_vrf_ports *vrf = &map->vrfs[i];

		if (vrf->nr_bound)
			tws_ends_sum(&vrf->bound, &vrf->ends, map->open,
				     vrf->set[TWS_USABLE], fin_s);
	}
}

/**
 * tws_ports_reserved() - tell one set of reserved ports from another one
 * @map:	the map, finished
 *
 * Return: a hash of the reserved ports, 0 if none of those that are tried is reserved.
 */
u16 tws_ports_reserved(const struct tws_portmap *map)
{
	if (!map->nr_reserved)
		return 0;
	return jhash2((const u32 *)map->reserved, TWS_PORTS / 32, 0) >> 16 | 1;
}

/**
 * tws_ports_open() - how many ports are tried and not reserved
 * @map:	the map, finished
 */
u32 tws_ports_open(const struct tws_portmap *map)
{
	return tws_range_tried(&map->range) - map->nr_reserved;
}

/**
 * tws_ports_usable() - how many ports connect() may use
 * @map:	the map, finished
 * @vrf:	its VRF, NULL if no port is in use there
 */
u32 tws_ports_usable(const struct tws_portmap *map,
		     const struct tws_vrf_ports *vrf)
{
	return tws_ports_open(map) - (vrf ? vrf->nr_bound : 0);
}

/**
 * tws_ports_parity() - the ports of one parity
 * @map:	the map
 * @vrf:	the VRF
 * @parity:	0 for even ports, 1 for odd ones
 * @usable:	result: how many connect() may use
 * @held:	result: how many of these have a socket
 */
void tws_ports_parity(const struct tws_portmap *map,
		      const struct tws_vrf_ports *vrf, u32 parity, u32 *usable,
		      u32 *held)
{
	u32 port;

	*usable = 0;
	*held = 0;
	for (port = map->tried.low; port <= map->tried.high; port++) {
		if ((port & 1) != parity || !tws_port_usable(map, vrf, port))
			continue;
		++*usable;
		*held += test_bit(port, vrf->set[TWS_HELD]);
	}
}
