/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PORTMAP_H
#define TWS_PORTMAP_H

#include <linux/types.h>

#include "classify.h"

struct tws_bucket;

/* Bitmaps of ports, by what connect() does with them. */
enum tws_portset {
	TWS_SKIPPED,	/* bound: left out for every destination */
	TWS_HELD,	/* in use in some way, skipped or not */
	TWS_NR_PORTSETS,
};

/**
 * struct tws_vrf_ports - the ports of a range in one VRF, or in none
 * @l3mdev:	ifindex of the VRF device, 0 for none
 * @set:	bitmaps by enum tws_portset
 * @nr_bound:	tried ports that are skipped and not reserved; once finished
 */
struct tws_vrf_ports {
	int l3mdev;
	unsigned long *set[TWS_NR_PORTSETS];
	u32 nr_bound;
};

/**
 * struct tws_portmap - which ports of a range connect() may use
 * @range:	the range
 * @tried:	what one connect() tries of it: all, or all but the lowest
 * @reserved:	bitmap: net.ipv4.ip_local_reserved_ports
 * @nr_reserved: tried ports that are reserved; once finished
 * @vrfs:	@nr_vrfs of them; the first is that without a VRF
 * @nr_vrfs:	number of @vrfs
 */
struct tws_portmap {
	struct tws_range range;
	struct tws_range tried;
	unsigned long *reserved;
	u32 nr_reserved;
	struct tws_vrf_ports *vrfs;
	unsigned int nr_vrfs;
};

unsigned long *tws_alloc_ports(void);
int tws_portmap_init(struct tws_portmap *map, const struct tws_range *range);
void tws_portmap_free(struct tws_portmap *map);
int tws_portmap_add(struct tws_portmap *map, const struct tws_bucket *bucket);
const struct tws_vrf_ports *tws_portmap_vrf(const struct tws_portmap *map,
					    int l3mdev);
bool tws_port_usable(const struct tws_portmap *map,
		     const struct tws_vrf_ports *vrf, u16 port);
void tws_portmap_finish(struct tws_portmap *map);
void tws_ports_parity(const struct tws_portmap *map,
		      const struct tws_vrf_ports *vrf, u32 parity, u32 *usable,
		      u32 *held);
u32 tws_ports_usable(const struct tws_portmap *map,
		     const struct tws_vrf_ports *vrf);

#endif /* TWS_PORTMAP_H */
