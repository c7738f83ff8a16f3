// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts connect() calls that found no free port, with a return probe on
 * inet_hashtables.c:__inet_hash_connect(): the one place where connect() looks
 * for a port, for IPv4, IPv6, mapped and MPTCP sockets alike. Its caller holds
 * the socket, and the addresses are set. Calls for a port that bind() has chosen
 * are left out: they fail for another reason.
 *
 * Where the probe can't be set the rest of the module works all the same.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <net/inet_sock.h>
#include <trace/events/tw_summary.h>

#include "addresses.h"
#include "failtable.h"
#include "failures.h"
#include "table.h"

/* Calls under way at once that can be followed; others count as missed. */
#define TWS_MAX_PROBED	1024

static bool tws_fail_wanted = true;
static bool tws_fail_loaded;

/* Guards the probe and the table's coming and going. */
static DEFINE_MUTEX(tws_fail_lock);
static struct tws_failtable *tws_fail_table;

struct tws_probed {
	struct sock *sk;
};

static int tws_fail_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = (struct sock *)regs_get_kernel_argument(regs, 1);

	if (sk->sk_protocol != IPPROTO_TCP || inet_sk(sk)->inet_num)
		return 1;	/* no return probe for this call */
	((struct tws_probed *)ri->data)->sk = sk;
	return 0;
}

static int tws_fail_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct sock *sk = ((struct tws_probed *)ri->data)->sk;
	const unsigned int netns = sock_net(sk)->ns.inum;
	struct tws_key key = { .dir = TWS_OUT };

	if ((int)regs_return_value(regs) != -EADDRNOTAVAIL)
		return 0;
	tws_addresses(sk, &key.local, &key.remote);
	key.rport = ntohs(sk->sk_dport);
	key.dev = sk->sk_bound_dev_if;
	tws_failtable_add(tws_fail_table, &key, netns);
	trace_tw_connect_failed(netns, &key);
	return 0;
}

static struct kretprobe tws_fail_probe;

/* The rest of the structure remembers an earlier registration. */
static void tws_fail_prepare(void)
{
	memset(&tws_fail_probe, 0, sizeof(tws_fail_probe));
	tws_fail_probe.kp.symbol_name = "__inet_hash_connect";
	tws_fail_probe.entry_handler = tws_fail_entry;
	tws_fail_probe.handler = tws_fail_return;
	tws_fail_probe.data_size = sizeof(struct tws_probed);
	tws_fail_probe.maxactive = TWS_MAX_PROBED;
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
	tws_fail_prepare();
	err = register_kretprobe(&tws_fail_probe);
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
	unregister_kretprobe(&tws_fail_probe);
	kvfree(tws_fail_table);
	tws_fail_table = NULL;
}

/* Before the module is loaded this is only noted. */
static int tws_fail_set_param(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(val, &on);

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

/* What it does, which may not be what was wanted. */
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
 * tws_failures_start() - begin to count, if that is wanted and possible
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
 * tws_failures_stop() - end it; waits for calls that are being followed
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
 * tws_failures_stats() - what the counting costs and loses
 * @stats:	result
 */
void tws_failures_stats(struct tws_failure_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	mutex_lock(&tws_fail_lock);
	if (tws_fail_table) {
		stats->on = true;
		stats->missed = tws_fail_probe.nmissed +
				tws_fail_probe.kp.nmissed;
		stats->forgotten = atomic64_read(&tws_fail_table->forgotten);
		stats->bytes = sizeof(*tws_fail_table);
	}
	mutex_unlock(&tws_fail_lock);
}
