// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the connect() and bind() calls that found no free port, the former per pair,
 * and has the module parameter that switches the counting. probe.c reports the calls.
 * If the probe cannot be set, the rest of the module works without it.
 *
 * A namespace's table is bounded, and no namespace can fill another one's.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <trace/events/tw_summary.h>

#include "addresses.h"
#include "compat/workqueue.h"
#include "failures.h"
#include "net.h"
#include "nets.h"
#include "probe.h"
#include "compute/gfp.h"
#include "compute/table.h"
#include "stride.h"

static bool tws_fail_wanted = true;
static bool tws_fail_loaded;

/* Guards setting and clearing the probe. */
static DEFINE_MUTEX(tws_fail_lock);
static bool tws_fail_counts;

/* A pair whose last failure is not older has a row, sockets or not. */
#define TWS_FAIL_SHOWN_MS	(600 * MSEC_PER_SEC)

/* Of all namespaces, those that have ended too. */
static atomic64_t tws_fail_forgotten;
static atomic64_t tws_fail_bytes;

#define TWS_FAIL_BYTES	(TWS_FAIL_SETS * sizeof(struct tws_fail_set))

static void tws_fail_free(struct tws_fail_set *many)
{
	if (many)
		atomic64_sub(TWS_FAIL_BYTES, &tws_fail_bytes);
	kfree(many);
}

/* If memory is short the table stays as it is, and forgets sooner. */
static void tws_fail_grow(struct work_struct *work)
{
	struct tws_net_failures *failures =
		container_of(work, struct tws_net_failures, grow);
	struct tws_fail_set *many;

	many = kcalloc(TWS_FAIL_SETS, sizeof(*many), TWS_GFP);
	if (!many)
		return;
	atomic64_add(TWS_FAIL_BYTES, &tws_fail_bytes);
	tws_fail_free(tws_failtable_grow(&failures->table, many));
}

static u64 tws_fail_now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

/* The probe's report: any context but NMI. */
static void tws_fail_add(const struct sock *sk)
{
	const struct net *net = sock_net(sk);
	struct tws_net *tn = tws_net_of(net);
	struct tws_key key = { .dir = TWS_OUT };

	tws_addresses(sk, &key.local, &key.remote);
	key.rport = ntohs(sk->sk_dport);
	key.dev = sk->sk_bound_dev_if;
	switch (tws_failtable_add(&tn->failures.table, &key,
				  tws_fail_now_ms())) {
	case TWS_FAIL_CROWDED:
		/* A namespace that ends does not wait for more work. */
		rcu_read_lock();
		if (!READ_ONCE(tn->closing))
			queue_work(system_dfl_wq, &tn->failures.grow);
		rcu_read_unlock();
		break;
	case TWS_FAIL_FORGOT:
		atomic64_inc(&tws_fail_forgotten);
		break;
	case TWS_FAIL_KEPT:
		break;
	}
	trace_tw_connect_failed(net->ns.inum, &key);
}

/* Likewise. */
static void tws_fail_add_bind(const struct sock *sk)
{
	atomic64_inc(&tws_net_of(sock_net(sk))->failures.binds);
}

static const struct tws_probe_ops tws_fail_probe_ops = {
	.connect_failed	= tws_fail_add,
	.bind_failed	= tws_fail_add_bind,
};

static int tws_fail_on(void)
{
	int err;

	if (tws_fail_counts)
		return 0;
	err = tws_probe_set(&tws_fail_probe_ops);
	if (!err)
		WRITE_ONCE(tws_fail_counts, true);
	return err;
}

static void tws_fail_reset(struct tws_net *tn)
{
	tws_fail_free(tws_failtable_reset(&tn->failures.table));
	atomic64_set(&tn->failures.binds, 0);
}

/* What is counted later begins at 0. */
static void tws_fail_off(void)
{
	if (!tws_fail_counts)
		return;
	tws_probe_clear();
	WRITE_ONCE(tws_fail_counts, false);
	tws_nets_each(tws_fail_reset);
}

/* While the module is being loaded: only remember it for later. */
static int tws_fail_set_param(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	/* Without a value, as `modprobe tw_summary count_failures`: on. */
	err = kstrtobool(val ?: "Y", &on);
	if (err)
		return err;
	mutex_lock(&tws_fail_lock);
	if (!tws_fail_loaded)
		tws_fail_wanted = on;
	else if (on)
		err = tws_fail_on();
	else
		tws_fail_off();
	mutex_unlock(&tws_fail_lock);
	return err;
}

/* Report the actual state: the probe may have been refused. */
static int tws_fail_get_param(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%c\n", READ_ONCE(tws_fail_counts) ? 'Y' : 'N');
}

static const struct kernel_param_ops tws_fail_param_ops = {
	.flags	= KERNEL_PARAM_OPS_FL_NOARG,
	.set	= tws_fail_set_param,
	.get	= tws_fail_get_param,
};
module_param_cb(count_failures, &tws_fail_param_ops, NULL, 0644);
MODULE_PARM_DESC(count_failures,
		 "count connect() calls that find no free port (default: Y)");

/**
 * tws_failures_start() - start counting, if that is wanted and possible
 */
void tws_failures_start(void)
{
	int err = 0;

	mutex_lock(&tws_fail_lock);
	tws_fail_loaded = true;
	if (tws_fail_wanted)
		err = tws_fail_on();
	mutex_unlock(&tws_fail_lock);
	if (err)
		pr_warn("connect failures are not counted: no probe (%d)\n",
			err);
}

/**
 * tws_failures_stop() - stop counting; waits for calls that are being followed
 */
void tws_failures_stop(void)
{
	mutex_lock(&tws_fail_lock);
	tws_fail_loaded = false;
	tws_fail_off();
	mutex_unlock(&tws_fail_lock);
}

/**
 * tws_failures_init() - prepare for a namespace
 * @failures:	its failures
 */
void tws_failures_init(struct tws_net_failures *failures)
{
	tws_failtable_init(&failures->table, get_random_u32());
	INIT_WORK(&failures->grow, tws_fail_grow);
	atomic64_set(&failures->binds, 0);
}

/**
 * tws_failures_drop() - forget a namespace that ends
 * @failures:	its failures
 *
 * Context: process context, may sleep.
 */
void tws_failures_drop(struct tws_net_failures *failures)
{
	cancel_work_sync(&failures->grow);
	tws_fail_free(tws_failtable_reset(&failures->table));
}

static bool tws_fail_pin(void *table, const struct tws_key *key)
{
	return tws_table_pin(table, key);
}

/**
 * tws_failures_pin() - add rows for the pairs that have failed lately
 * @table:	the table, before the counting
 * @failures:	failures of its namespace
 *
 * A pair of which every connect() fails has no socket.
 *
 * Context: process context, may sleep.
 * Return: false if memory was short.
 */
bool tws_failures_pin(struct tws_table *table,
		      struct tws_net_failures *failures)
{
	const u64 now_ms = tws_fail_now_ms();
	const u64 since_ms = now_ms - min_t(u64, now_ms, TWS_FAIL_SHOWN_MS);
	u64 last_ms;

	if (!READ_ONCE(tws_fail_counts) ||
	    !tws_failtable_all(&failures->table, &last_ms) || last_ms < since_ms)
		return true;
	return !tws_failtable_recent(&failures->table, since_ms, TWS_PINNED_MAX,
				     tws_fail_pin, table);
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
	u64 last_ms;
	u32 seen = 0;

	memset(sums, 0, sizeof(*sums));
	sums->known = READ_ONCE(tws_fail_counts);
	if (!sums->known)
		return;
	sums->fails = tws_failtable_all(&failures->table, &last_ms);
	sums->last_ms = sums->fails ?
			min_t(u64, tws_fail_now_ms() - last_ms, TWS_NEVER - 1) :
			TWS_NEVER;
	sums->missed = tws_probe_missed();
	sums->binds = atomic64_read(&failures->binds);
	list_for_each_entry(row, &table->rows, list) {
		if (row->key.dir == TWS_OUT)
			row->fails = tws_failtable_count(&failures->table,
							 &row->key);
		tws_rows_resched(seen++);
	}
}

/**
 * tws_failures_stats() - read what the counting costs and misses
 * @stats:	result
 */
void tws_failures_stats(struct tws_failure_stats *stats)
{
	mutex_lock(&tws_fail_lock);
	stats->on = tws_fail_counts;
	stats->missed = tws_fail_counts ? tws_probe_missed() : 0;
	mutex_unlock(&tws_fail_lock);
	stats->forgotten = atomic64_read(&tws_fail_forgotten);
	stats->bytes = atomic64_read(&tws_fail_bytes);
}
