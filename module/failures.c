// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the connect() and bind() calls that found no free port, and the connect() calls
 * that clashed: that had a port, and whose very connection is there already. connect()
 * calls are counted per pair, of each sort in a table of its own: pairs that clash, which
 * may be as many as the clients of a proxy, take no place of those that find no port. A
 * namespace's tables are bounded, and no namespace can fill another one's.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <net/inet_sock.h>
#include <trace/events/tw_summary.h>

#include "compat/reuse.h"
#include "compat/sockrange.h"
#include "compute/stride.h"
#include "compute/table.h"
#include "failures.h"
#include "net.h"
#include "nets.h"
#include "probe.h"
#include "refill.h"
#include "settings.h"

static bool tws_fail_counts;

/* Pairs that clashed, and are remembered. */
#define TWS_CLASH_PAIRS		128

/* Of all namespaces, those that have ended too. */
static atomic64_t tws_fail_forgotten;
static atomic64_t tws_fail_mispredicted;

/* Rises before promises are made: see struct tws_failed_call. */
atomic_t tws_failures_round = ATOMIC_INIT(0);

static u64 tws_fail_now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

/* True as tws_failures_add(). */
static bool tws_failures_add_connect(struct tws_net *tn, const struct tws_call *call,
				     const struct tws_probed *probed)
{
	const struct tws_key *pair = &call->key.pair;
	struct tws_failed_call failed = {
		.at_ms = call->at_ms,
		/* Nothing was promised to a socket with a port range of its own. */
		.taken = tws_compat_own_range(probed->sk) ? U64_MAX :
							    tws_probe_may_have_taken(),
		.round = probed->round,
		.round_now = &tws_failures_round,
	};
	enum tws_promised promised;

	tws_terms_read(tn->net, &failed.terms);
	if (tws_failtable_add(&tn->failures.table, pair, &failed, &promised))
		atomic64_inc(&tws_fail_forgotten);
	trace_tw_connect_failed(tn->net->ns.inum, pair);
	return promised != TWS_PROMISE_HOLDS;
}

static void tws_failures_add_clash(struct tws_net_failures *failures,
				   const struct tws_call *call)
{
	const struct tws_failed_call clashed = { .at_ms = call->at_ms };
	enum tws_promised nothing;

	tws_failtable_add(&failures->clashes, &call->key.pair, &clashed, &nothing);
}

static void tws_failures_add_bind(struct tws_net_failures *failures,
				  const struct tws_call *call)
{
	atomic64_set(&failures->binds_last_ms, call->at_ms);
	atomic64_inc(&failures->binds);
}

/**
 * tws_failures_add() - count a call that failed
 * @tn:		its namespace
 * @call:	the call
 * @probed:	the same
 *
 * Context: any but NMI.
 * Return: true if it is a connect() that found no port, and no snapshot has lately said
 * how many ports its pair has, or one that was wrong.
 */
bool tws_failures_add(struct tws_net *tn, const struct tws_call *call,
		      const struct tws_probed *probed)
{
	if (call->end == TWS_CALL_CLASHED)
		tws_failures_add_clash(&tn->failures, call);
	else if (call->key.pair.dir != TWS_OUT)
		tws_failures_add_bind(&tn->failures, call);
	else
		return tws_failures_add_connect(tn, call, probed);
	return false;
}

static void tws_failures_forget(struct tws_net *tn)
{
	tws_failtable_reset(&tn->failures.table);
	tws_failtable_reset(&tn->failures.clashes);
	atomic64_set(&tn->failures.binds, 0);
	atomic64_set(&tn->failures.mispredicted, 0);
}

/**
 * tws_failures_switch() - say that failures are counted from now on, or that they are
 * not, and forget them
 * @on:		they are counted
 *
 * Context: process context, may sleep. No failure is added meanwhile.
 */
void tws_failures_switch(bool on)
{
	WRITE_ONCE(tws_fail_counts, on);
	if (!on)
		tws_nets_each(tws_failures_forget);
}

/**
 * tws_failures_init() - prepare for a namespace
 * @failures:	its failures
 */
void tws_failures_init(struct tws_net_failures *failures)
{
	tws_failtable_init(&failures->table, get_random_u32(), TWS_MEMO_ITEMS,
			   &tws_reserve);
	tws_failtable_init(&failures->clashes, get_random_u32(), TWS_CLASH_PAIRS,
			   &tws_reserve);
	atomic64_set(&failures->binds, 0);
	atomic64_set(&failures->mispredicted, 0);
}

/**
 * tws_failures_drop() - forget a namespace that ends
 * @failures:	its failures
 *
 * Context: process context.
 */
void tws_failures_drop(struct tws_net_failures *failures)
{
	tws_failtable_end(&failures->table);
	tws_failtable_end(&failures->clashes);
}

static bool tws_fail_pin(void *table, const struct tws_key *key)
{
	return tws_table_pin(table, key);
}

/* False if memory was short. */
static bool tws_fail_pin_recent(struct tws_table *table, struct tws_failtable *failed,
				unsigned int most)
{
	const u64 now_ms = tws_fail_now_ms();
	const u64 since_ms = now_ms - min_t(u64, now_ms, TWS_FAILED_LATELY_MS);
	u64 last_ms;

	if (!tws_failtable_all(failed, &last_ms) || last_ms < since_ms)
		return true;
	return !tws_failtable_recent(failed, since_ms, most, tws_fail_pin, table);
}

/**
 * tws_failures_pin() - add rows for the pairs that have failed lately
 * @table:	the table, before the counting
 * @failures:	failures of its namespace
 *
 * A pair of which every connect() fails has no socket. Of one that clashes, the socket
 * may belong to another kind of row.
 *
 * Context: process context, may sleep.
 * Return: false if memory was short.
 */
bool tws_failures_pin(struct tws_table *table,
		      struct tws_net_failures *failures)
{
	return !READ_ONCE(tws_fail_counts) ||
	       (tws_fail_pin_recent(table, &failures->table, TWS_PINNED_FAILS) &&
		tws_fail_pin_recent(table, &failures->clashes, TWS_PINNED_CLASHES));
}

static u32 tws_fail_age_ms(bool any, u64 last_ms)
{
	return any ? min_t(u64, tws_fail_now_ms() - last_ms, TWS_NEVER - 1) : TWS_NEVER;
}

static void tws_fail_read_sums(struct tws_failure_sums *sums,
			       struct tws_net_failures *failures)
{
	u64 last_ms;

	sums->fails = tws_failtable_all(&failures->table, &last_ms);
	sums->last_ms = tws_fail_age_ms(sums->fails, last_ms);
	sums->missed = tws_probe_missed();
	sums->binds = atomic64_read(&failures->binds);
	sums->binds_last_ms = tws_fail_age_ms(sums->binds,
					      atomic64_read(&failures->binds_last_ms));
	sums->clashes = tws_failtable_all(&failures->clashes, &last_ms);
	sums->clashes_last_ms = tws_fail_age_ms(sums->clashes, last_ms);
}

/**
 * tws_failures_read() - read the sums, and fill in the failures of out rows
 * @sums:	result
 * @table:	the table, counted
 * @failures:	failures of its namespace
 *
 * Context: process context, may sleep.
 */
void tws_failures_read(struct tws_failure_sums *sums, struct tws_table *table,
		       struct tws_net_failures *failures)
{
	struct tws_row *row;
	u32 seen = 0;
	u64 last_ms;

	memset(sums, 0, sizeof(*sums));
	sums->known = READ_ONCE(tws_fail_counts);
	if (!sums->known)
		return;
	tws_fail_read_sums(sums, failures);
	list_for_each_entry(row, &table->rows, list) {
		tws_rows_breathe(table->breath, seen++);
		if (row->key.dir != TWS_OUT)
			continue;
		if (sums->clashes)
			row->clashes = tws_failtable_count(&failures->clashes,
							   &row->key, &last_ms);
		if (!sums->fails)
			continue;
		row->fails = tws_failtable_count(&failures->table, &row->key, &last_ms);
		row->fail_last_ms = tws_fail_age_ms(row->fails, last_ms);
	}
}

/**
 * tws_failures_begin() - a snapshot begins
 *
 * Return: ports that have been taken, for tws_failures_promise().
 */
u64 tws_failures_begin(void)
{
	const u64 taken = tws_probe_took();

	smp_mb();	/* before its sockets and ports are read */
	return taken;
}

/* TIME_WAITs that connect() may take over now, but perhaps not later (promise.h). */
static u32 tws_fail_unsure(const struct tws_row *row)
{
	return TWS_COMPAT_REUSE_BY_ENTRY ? 0 : row->reuse;
}

/**
 * tws_failures_promise() - hold a snapshot to what it says of pairs that have failed,
 * and count the calls that have proved an earlier one wrong
 * @failures:	failures of its namespace
 * @table:	its rows, after tws_failures_read()
 * @terms:	its settings
 * @taken:	what tws_failures_begin() has returned
 *
 * Context: process context, may sleep.
 */
void tws_failures_promise(struct tws_net_failures *failures,
			  const struct tws_table *table,
			  const struct tws_terms *terms, u64 taken)
{
	struct tws_promise promise = { .at_ms = tws_fail_now_ms(), .terms = *terms };
	const struct tws_row *row;
	u32 seen = 0, broken;

	/* A full barrier: between what the snapshot has read and the promises. */
	atomic_inc_return(&tws_failures_round);
	list_for_each_entry(row, &table->rows, list) {
		tws_rows_breathe(table->breath, seen++);
		if (!row->fails || !row->outlook.known)
			continue;
		promise.until = taken + tws_promise_of(row->outlook.free,
						       tws_fail_unsure(row), terms);
		broken = tws_failtable_promise(&failures->table, &row->key, &promise);
		atomic64_add(broken, &failures->mispredicted);
		atomic64_add(broken, &tws_fail_mispredicted);
	}
}

/**
 * tws_failures_mispredicted() - connect() calls that found no port although a snapshot
 * had said that there was one, of all namespaces
 *
 * A call counts once the next snapshot of its namespace finds the settings unchanged.
 */
u64 tws_failures_mispredicted(void)
{
	return atomic64_read(&tws_fail_mispredicted);
}

/**
 * tws_failures_mispredicted_in() - connect() calls of one namespace that found no port
 * although a snapshot had said that there was one, since counting began
 * @failures:	failures of the namespace
 */
u64 tws_failures_mispredicted_in(struct tws_net_failures *failures)
{
	return atomic64_read(&failures->mispredicted);
}

/**
 * tws_failures_forgotten() - pairs that made room for others, of all namespaces
 */
u64 tws_failures_forgotten(void)
{
	return atomic64_read(&tws_fail_forgotten);
}
