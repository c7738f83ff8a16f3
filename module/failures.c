// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the connect() calls that found no free port, per pair: holds the table
 * and the module parameter that switches the counting. probe.c reports the
 * calls. If the probe cannot be set, the rest of the module works without it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <net/inet_sock.h>
#include <trace/events/tw_summary.h>

#include "addresses.h"
#include "compute/failtable.h"
#include "failures.h"
#include "probe.h"
#include "compute/table.h"

static bool tws_fail_wanted = true;
static bool tws_fail_loaded;

/* Guards setting and clearing the probe, and the pointer to the table. */
static DEFINE_MUTEX(tws_fail_lock);
static struct tws_failtable *tws_fail_table;

/* The probe's report: any context but NMI. The table exists while it is set. */
static void tws_fail_add(const struct sock *sk)
{
	const unsigned int netns = sock_net(sk)->ns.inum;
	struct tws_key key = { .dir = TWS_OUT };

	tws_addresses(sk, &key.local, &key.remote);
	key.rport = ntohs(sk->sk_dport);
	key.dev = sk->sk_bound_dev_if;
	tws_failtable_add(tws_fail_table, &key, netns);
	trace_tw_connect_failed(netns, &key);
}

static int tws_fail_on(void)
{
	int err;

	if (tws_fail_table)
		return 0;
	tws_fail_table = kvmalloc(sizeof(*tws_fail_table), GFP_KERNEL);
	if (!tws_fail_table)
		return -ENOMEM;
	tws_failtable_init(tws_fail_table, get_random_u32());
	err = tws_probe_set(tws_fail_add);
	if (err) {
		kvfree(tws_fail_table);
		tws_fail_table = NULL;
	}
	return err;
}

static void tws_fail_off(void)
{
	if (!tws_fail_table)
		return;
	tws_probe_clear();
	kvfree(tws_fail_table);
	tws_fail_table = NULL;
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
	return sprintf(buffer, "%c\n", READ_ONCE(tws_fail_table) ? 'Y' : 'N');
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
 * tws_failures_rows() - fill in the failures of out rows
 * @table:	the table, counted
 * @netns:	inode number of its namespace
 *
 * Return: whether failures are counted.
 */
bool tws_failures_rows(struct tws_table *table, unsigned int netns)
{
	bool on;
	u32 i;

	mutex_lock(&tws_fail_lock);
	on = tws_fail_table;
	for (i = 0; on && i < table->nr; i++) {
		struct tws_row *row = &table->rows[i];

		if (row->key.dir == TWS_OUT)
			row->fails = tws_failtable_count(tws_fail_table,
							 &row->key, netns);
	}
	mutex_unlock(&tws_fail_lock);
	return on;
}

/**
 * tws_failures_drop() - forget a namespace
 * @netns:	its inode number
 */
void tws_failures_drop(unsigned int netns)
{
	mutex_lock(&tws_fail_lock);
	if (tws_fail_table)
		tws_failtable_drop(tws_fail_table, netns);
	mutex_unlock(&tws_fail_lock);
}

/**
 * tws_failures_stats() - read what the counting costs and misses
 * @stats:	result
 */
void tws_failures_stats(struct tws_failure_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	mutex_lock(&tws_fail_lock);
	if (tws_fail_table) {
		stats->on = true;
		stats->missed = tws_probe_missed();
		stats->forgotten = atomic64_read(&tws_fail_table->forgotten);
		stats->bytes = sizeof(*tws_fail_table);
	}
	mutex_unlock(&tws_fail_lock);
}
