/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILURES_H
#define TWS_FAILURES_H

#include <linux/types.h>

struct tws_table;

/**
 * struct tws_failure_stats - what counting failures costs and misses
 * @on:		failures are counted
 * @missed:	calls that could not be followed
 * @forgotten:	pairs that were dropped for others
 * @bytes:	memory that it holds
 */
struct tws_failure_stats {
	bool on;
	u64 missed;
	u64 forgotten;
	size_t bytes;
};

void tws_failures_start(void);
void tws_failures_stop(void);
bool tws_failures_rows(struct tws_table *table, unsigned int netns);
void tws_failures_drop(unsigned int netns);
void tws_failures_stats(struct tws_failure_stats *stats);

#endif /* TWS_FAILURES_H */
