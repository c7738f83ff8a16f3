/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_FAILURES_H
#define TWS_FAILURES_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/math64.h>

#include "compute/failtable.h"

struct tws_call;
struct tws_probed;
struct tws_reserve;
struct tws_table;

/**
 * struct tws_net_failures - calls of a namespace that found no port, or clashed
 * @table:	connect() calls that found no port, per pair
 * @clashes:	connect() calls with a port that found their very connection, per pair
 * @binds:	bind() calls to port 0 that found none
 * @binds_last_ms: when the last one was, if there was one
 * @mispredicted: connect() calls that have proved a snapshot wrong
 */
struct tws_net_failures {
	struct tws_failtable table;
	struct tws_failtable clashes;
	atomic64_t binds;
	atomic64_t binds_last_ms;
	atomic64_t mispredicted;
};

/**
 * struct tws_failure_sums - what has failed in a namespace since counting began
 * @known:	it is counted
 * @fails:	connect() calls that found no port
 * @last_ms:	age of the last one, TWS_NEVER if there was none
 * @missed:	calls that could not be followed, of all namespaces
 * @binds:	bind() calls to port 0 that found none
 * @binds_last_ms: age of the last one, likewise
 * @clashes:	connect() calls that clashed
 * @clashes_last_ms: age of the last one, likewise
 * @mispredicted: connect() calls that proved a snapshot wrong, until this one was taken
 */
struct tws_failure_sums {
	bool known;
	u64 fails;
	u32 last_ms;
	u64 missed;
	u64 binds;
	u32 binds_last_ms;
	u64 clashes;
	u32 clashes_last_ms;
	u64 mispredicted;
};

/* The time by the clock of the calls. No call is later. */
static inline u64 tws_calls_now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

static inline u32 tws_calls_now_s(void)
{
	return div_u64(tws_calls_now_ms(), MSEC_PER_SEC);
}

extern atomic_t tws_failures_round;

bool tws_failures_add(struct tws_net_failures *failures, const struct tws_call *call,
		      const struct tws_probed *probed);
u64 tws_failures_ports_taken(void);
void tws_failures_switch(bool on);
void tws_failures_init(struct tws_net_failures *failures, struct tws_reserve *reserve);
void tws_failures_reset(struct tws_net_failures *failures);
void tws_failures_end(struct tws_net_failures *failures);
bool tws_failures_pin(struct tws_table *table,
		      struct tws_net_failures *failures);
void tws_failures_read(struct tws_failure_sums *sums, struct tws_table *table,
		       struct tws_net_failures *failures);
void tws_failures_predict(struct tws_net_failures *failures,
			  const struct tws_table *table,
			  const struct tws_predict_settings *settings, u64 ports_taken);
u64 tws_failures_forgotten(void);
u64 tws_failures_mispredicted(void);
u64 tws_failures_mispredicted_in(struct tws_net_failures *failures);

#endif /* TWS_FAILURES_H */
