/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_PORTMAP_H
#define TWS_PORTMAP_H

#include <linux/bitops.h>
#include <linux/types.h>

#include "classify.h"
#include "turnover.h"

/**
 * struct tws_used_port - a port that is in use, whatever the destination
 * @l3mdev:	VRF that it is in use in, 0 for none
 * @port:	port, host order
 * @skipped:	connect() skips it, whatever the destination
 */
struct tws_used_port {
	int l3mdev;
	u16 port;
	bool skipped;
};

/* Bitmaps of ports, by what connect() does with them. */
enum tws_portset {
	TWS_SKIPPED,	/* bound: connect() skips it for every destination */
	TWS_HELD,	/* some socket has it, skipped or not; if it was asked for */
	TWS_USABLE,	/* it may use it; set by tws_portmap_finish() */
	TWS_LISTENED,	/* somebody listens on it; ports outside of the range too */
	TWS_NR_PORTSETS,
};

/**
 * struct tws_vrf_ports - the ports in one VRF, or in none
 * @l3mdev:	ifindex of the VRF device, 0 for none
 * @set:	bitmaps by enum tws_portset
 * @nr_bound:	tried ports that are skipped and not reserved; set by
 *		tws_portmap_finish()
 * @ends:	when these come back
 * @bound:	how these come and go; set by tws_portmap_sum()
 */
struct tws_vrf_ports {
	int l3mdev;
	unsigned long *set[TWS_NR_PORTSETS];
	u32 nr_bound;
	struct tws_ends ends;
	struct tws_turnover bound;
};

/**
 * struct tws_portmap - which ports of a range connect() may use, and who listens
 * @range:	the range
 * @tried:	the part that connect() tries: all, or all but the lowest port
 * @reserved:	bitmap: net.ipv4.ip_local_reserved_ports
 * @open:	bitmap: tried ports that are not reserved; set by
 *		tws_portmap_finish()
 * @nr_reserved: tried ports that are reserved; set by tws_portmap_finish()
 * @vrfs:	ports in use by VRF; the first entry is for no VRF
 * @nr_vrfs:	number of @vrfs
 */
struct tws_portmap {
	struct tws_range range;
	struct tws_range tried;
	unsigned long *reserved;
	unsigned long *open;
	u32 nr_reserved;
	struct tws_vrf_ports *vrfs;
	unsigned int nr_vrfs;
};

unsigned long *tws_alloc_ports(void);
int tws_portmap_init(struct tws_portmap *map, const struct tws_range *range);
void tws_portmap_free(struct tws_portmap *map);
int tws_portmap_add(struct tws_portmap *map, const struct tws_used_port *used);
int tws_portmap_add_vrf(struct tws_portmap *map, int l3mdev);
bool tws_portmap_listen(struct tws_portmap *map, int l3mdev, u16 port);
struct tws_vrf_ports *tws_portmap_vrf(const struct tws_portmap *map, int l3mdev);
void tws_portmap_finish(struct tws_portmap *map);
void tws_portmap_restart(struct tws_portmap *map);
void tws_portmap_sum(struct tws_portmap *map, u32 fin_s);
void tws_ports_parity(const struct tws_portmap *map,
		      const struct tws_vrf_ports *vrf, u32 parity, u32 *usable,
		      u32 *held);
u16 tws_ports_reserved(const struct tws_portmap *map);
u32 tws_ports_open(const struct tws_portmap *map);
u32 tws_ports_usable(const struct tws_portmap *map,
		     const struct tws_vrf_ports *vrf);

/**
 * tws_usable_ports() - bitmap of the ports that connect() may use
 * @map:	the map, finished
 * @vrf:	its VRF, NULL if no port is in use there
 */
static inline const unsigned long *tws_usable_ports(const struct tws_portmap *map,
						    const struct tws_vrf_ports *vrf)
{
	return vrf ? vrf->set[TWS_USABLE] : map->open;
}

/**
 * tws_listened_ports() - bitmap of the ports that somebody listens on
 * @vrf:	the VRF, NULL if no port is in use there
 *
 * Return: the bitmap, or NULL: nobody listens there.
 */
static inline const unsigned long *tws_listened_ports(const struct tws_vrf_ports *vrf)
{
	return vrf ? vrf->set[TWS_LISTENED] : NULL;
}

/**
 * tws_port_usable() - whether connect() may use a port
 * @map:	the map, finished
 * @vrf:	its VRF, NULL if no port is in use there
 * @port:	the port
 */
static inline bool tws_port_usable(const struct tws_portmap *map,
				   const struct tws_vrf_ports *vrf, u16 port)
{
	return test_bit(port, tws_usable_ports(map, vrf));
}

#endif /* TWS_PORTMAP_H */
