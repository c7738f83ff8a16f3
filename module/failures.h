/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILURES_H
#define TWS_FAILURES_H

#include <linux/workqueue.h>

#include "compute/failtable.h"

struct tws_table;

/**
 * struct tws_net_failures - calls of a namespace that found no port
 * @table:	connect(), per pair
 * @grow:	brings memory when the table should grow
 * @binds:	bind() to port 0
 */
struct tws_net_failures {
	struct tws_failtable table;
	struct work_struct grow;
	atomic64_t binds;
};

/**
 * struct tws_failure_sums - what has failed in a namespace since counting began
 * @known:	it is counted
 * @fails:	connect() calls that found no port
 * @last_ms:	age of the last one, TWS_NEVER if there was none
 * @missed:	calls that could not be followed, of all namespaces
 * @binds:	bind() calls to port 0 that found none
 */
struct tws_failure_sums {
	bool known;
	u64 fails;
	u32 last_ms;
	u64 missed;
	u64 binds;
};

/**
 * struct tws_failure_stats - what counting failures costs and misses
 * @on:		failures are counted
 * @missed:	calls that could not be followed
 * @forgotten:	pairs that were dropped for others
 * @bytes:	memory of the tables that have grown
 */
struct tws_failure_stats {
	bool on;
	u64 missed;
	u64 forgotten;
	u64 bytes;
};

void tws_failures_start(void);
void tws_failures_stop(void);
void tws_failures_init(struct tws_net_failures *failures);
void tws_failures_drop(struct tws_net_failures *failures);
bool tws_failures_pin(struct tws_table *table,
		      struct tws_net_failures *failures);
void tws_failures_read(struct tws_failure_sums *sums, struct tws_table *table,
		       struct tws_net_failures *failures);
void tws_failures_stats(struct tws_failure_stats *stats);

#endif /* TWS_FAILURES_H */
