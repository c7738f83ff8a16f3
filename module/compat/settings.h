/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_SETTINGS_H
#define TWS_COMPAT_SETTINGS_H

#include <net/ip.h>
#include <net/net_namespace.h>

#include "../snapshot.h"
#include "hashinfo.h"

/* Read the settings of a namespace, each by itself: they may change any time. */
static inline void tws_compat_settings(struct net *net,
				       struct tws_settings *settings)
{
	int low, high;

	/* A function until 6.6, inline since; a seqlock or a word behind it. */
	inet_get_local_port_range(net, &low, &high);
	settings->range.low = low;
	settings->range.high = high;
	settings->reuse_mode = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse);
	settings->timewait_max =
		READ_ONCE(tws_compat_death_row(net)->sysctl_max_tw_buckets);
}

#endif /* TWS_COMPAT_SETTINGS_H */
