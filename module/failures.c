// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the connect() and bind() calls that found no free port, and the connect() calls
 * that clashed: that had a port, and whose very connection is there already. connect()
 * calls are counted per pair, of each sort in a table of its own: pairs that clash, which
 * may be as many as the clients of a proxy, take no room from those that find no port. A
 * namespace's tables are bounded, and no namespace can fill another one's.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <net/inet_sock.h>
#include <trace/events/tw_summary.h>

#include "compat/kernel.h"
#include "compat/portrange.h"
#include "compute/stride.h"
#include "compute/table.h"
#include "failures.h"
#include "probe.h"
#include "settings.h"

static bool tws_fail_counts;

/* Pairs that clashed, and are remembered. */
#define TWS_CLASH_PAIRS		128

/* Of all namespaces, those that have ended too. */
static atomic64_t tws_fail_forgotten;
static atomic64_t tws_fail_mispredicted;

/*
 * Rises before predictions are made: a call can prove one wrong only if this has not changed
 * since the call began (prediction.h).
 */
atomic_t tws_failures_round = ATOMIC_INIT(0);

/* True as tws_failures_add(). */
static bool tws_failures_add_connect(struct tws_net_failures *failures,
				     const struct tws_call *call,
				     const struct tws_probed *probed)
{
	const struct tws_key *pair = &call->key.pair;
	const struct net *net = sock_net(probed->sk);
	struct tws_failed_call failed = {
		.at_ms = call->at_ms,
		/* Nothing is predicted for a socket with a port range of its own. */
		.ports_taken = tws_compat_own_range(probed->sk) ?
			       U64_MAX : tws_probe_may_have_taken(),
		.round = probed->round,
		.round_now = &tws_failures_round,
	};
	enum tws_checked checked;

	tws_predict_settings_read(net, &failed.settings);
	if (tws_failtable_add(&failures->table, pair, &failed, &checked))
		atomic64_inc(&tws_fail_forgotten);
	trace_tw_connect_failed(net->ns.inum, pair);
	return checked != TWS_PREDICTION_HOLDS;
}

static void tws_failures_add_clash(struct tws_net_failures *failures,
				   const struct tws_call *call)
{
	const struct tws_failed_call clashed = { .at_ms = call->at_ms };
	enum tws_checked nothing;

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
 * @failures:	failures of its namespace
 * @call:	the call
 * @probed:	the same
 *
 * Context: any but NMI.
 * Return: true if a check is wanted: connect() found no port, and no prediction holds for its
 * pair.
 */
bool tws_failures_add(struct tws_net_failures *failures, const struct tws_call *call,
		      const struct tws_probed *probed)
{
	if (call->end == TWS_CALL_CLASHED)
		tws_failures_add_clash(failures, call);
	else if (call->key.pair.dir != TWS_OUT)
		tws_failures_add_bind(failures, call);
	else
		return tws_failures_add_connect(failures, call, probed);
	return false;
}

/**
 * tws_failures_switch() - say whether failures are counted
 * @on:		they are
 *
 * Where they are not, `-` is shown.
 */
void tws_failures_switch(bool on)
{
	WRITE_ONCE(tws_fail_counts, on);
}

/**
 * tws_failures_init() - prepare for a namespace
 * @failures:	its failures
 * @reserve:	where memory for more than a few pairs comes from
 */
void tws_failures_init(struct tws_net_failures *failures, struct tws_reserve *reserve)
{
	tws_failtable_init(&failures->table, get_random_u32(), TWS_MEMO_ITEMS, reserve);
	tws_failtable_init(&failures->clashes, get_random_u32(), TWS_CLASH_PAIRS, reserve);
	atomic64_set(&failures->binds, 0);
	atomic64_set(&failures->mispredicted, 0);
}

void tws_failures_reset(struct tws_net_failures *failures)
{
	tws_failtable_reset(&failures->table);
	tws_failtable_reset(&failures->clashes);
	atomic64_set(&failures->binds, 0);
	atomic64_set(&failures->mispredicted, 0);
}

/**
 * tws_failures_end() - forget a namespace that ends, and take no more memory
 * @failures:	its failures
 *
 * Context: process context.
 */
void tws_failures_end(struct tws_net_failures *failures)
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
	const u64 now_ms = tws_calls_now_ms();
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
	return any ? min_t(u64, tws_calls_now_ms() - last_ms, TWS_NEVER - 1) : TWS_NEVER;
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
 * tws_failures_ports_taken() - how many ports have been taken when a snapshot begins
 *
 * Return: the number, for tws_failures_predict().
 */
u64 tws_failures_ports_taken(void)
{
	const u64 ports_taken = tws_probe_took();

	smp_mb();	/* before its sockets and ports are read */
	return ports_taken;
}

/* TIME_WAITs that connect() may take over now, but perhaps not later (prediction.h). */
static u32 tws_fail_unsure(const struct tws_row *row)
{
	return TWS_COMPAT_REUSE_BY_ENTRY ? 0 : row->reuse;
}

/**
 * tws_failures_predict() - predict how many ports pairs that have failed find, and
 * count the calls that have proved an earlier prediction wrong
 * @failures:	failures of its namespace
 * @table:	rows of a snapshot, after tws_failures_read()
 * @settings:	its settings
 * @ports_taken: tws_failures_ports_taken() of its begin
 *
 * Context: process context, may sleep.
 */
void tws_failures_predict(struct tws_net_failures *failures,
			  const struct tws_table *table,
			  const struct tws_predict_settings *settings, u64 ports_taken)
{
	struct tws_prediction prediction = { .at_ms = tws_calls_now_ms(), .settings = *settings };
	const struct tws_row *row;
	u32 seen = 0, wrong;

	/* A full barrier: between what the snapshot has read and the predictions. */
	atomic_inc_return(&tws_failures_round);
	list_for_each_entry(row, &table->rows, list) {
		tws_rows_breathe(table->breath, seen++);
		if (!row->fails || !row->outlook.known)
			continue;
		prediction.until = ports_taken + tws_predict(row->outlook.free,
						       tws_fail_unsure(row), settings);
		wrong = tws_failtable_predict(&failures->table, &row->key, &prediction);
		atomic64_add(wrong, &failures->mispredicted);
		atomic64_add(wrong, &tws_fail_mispredicted);
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
