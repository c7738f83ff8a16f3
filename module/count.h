/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COUNT_H
#define TWS_COUNT_H

#include "compute/ages.h"
#include "compute/classify.h"
#include "compute/reuse.h"
#include "compute/scope.h"
#include "compute/tuple.h"
#include "compute/twins.h"

struct net;
struct tws_breath;
struct tws_portmap;
struct tws_table;
struct tws_vrf_ports;

/**
 * struct tws_counter - counts the sockets of a namespace
 * @net:	namespace, for its devices
 * @range:	its local port range
 * @ports:	who listens, and which ports connect() may use
 * @ports_known: the latter is known
 * @rule:	which timewait sockets connect() may take over
 * @table:	where the sockets are counted
 * @breath:	begun by the caller
 * @sockets:	result: how many there were
 * @count:	result: of these, by enum tws_state
 * @fin_wait2:	result: timewait sockets in FIN_WAIT2, by tws_age_bin()
 * @short_of_memory: result: which ports are blocked is not known
 */
struct tws_counter {
	struct net *net;
	const struct tws_range *range;
	struct tws_portmap *ports;
	bool ports_known;
	struct tws_reuse_rule rule;
	struct tws_table *table;
	struct tws_breath *breath;
	u64 sockets;
	u64 count[TWS_NR_STATES];
	u32 fin_wait2[TWS_AGE_BINS];
	bool short_of_memory;

	/* private: */
	struct tws_scope scope;
	struct tws_vrf_ports *vrf;	/* of @scope, or NULL */
	struct tws_port_sets sets;	/* of @vrf */
	/*
	 * The usable ports of sockets that are bound to no device, or NULL. Such a socket is of
	 * an out row and blocks its port, unless it is a request.
	 */
	const unsigned long *plain;
	struct tws_twins twins;
};

void tws_count_restart(struct tws_counter *counter);
void tws_count_finish(struct tws_counter *counter);
void tws_count_batch(struct tws_counter *counter, const struct tws_clock *now,
		     const struct tws_tuple *batch, unsigned int nr);

#endif /* TWS_COUNT_H */
