// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows connect() and bind() calls, and has the module parameters that say which
 * ones. probe.c reports them; here each becomes one record of who called whom, which is
 * handed to who counts: the failures and the callers of its namespace. If the probe cannot
 * be set, the rest of the module works without it.
 *
 * These tables cannot allocate. They take memory from a reserve, which a worker refills. It
 * is for all namespaces: what one has taken, a burst in another one lacks until the worker
 * has run.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/build_bug.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "addresses.h"
#include "calls.h"
#include "compat/cgroup.h"
#include "compat/workqueue.h"
#include "compute/callertable.h"
#include "compute/failtable.h"
#include "compute/sampler.h"
#include "failures.h"
#include "net.h"
#include "probe.h"

static bool tws_calls_wanted = true;
static bool tws_calls_loaded;

/* Guards setting and clearing the probe. */
static DEFINE_MUTEX(tws_calls_lock);
static bool tws_calls_followed;
static u32 tws_calls_one_in = 64;

/* What a burst takes from a standing start: 256 pairs, and as many callers, twice. */
#define TWS_BURST	256
#define TWS_BURST_CHUNKS \
	(2 * (TWS_MEMO_CHUNKS_FOR(TWS_BURST, sizeof(struct tws_failure)) + \
	      TWS_MEMO_CHUNKS_FOR(TWS_BURST, sizeof(struct tws_caller))))

static_assert(TWS_BURST_CHUNKS <= TWS_RESERVE_CHUNKS);

static struct tws_reserve tws_reserve;

static void tws_reserve_refill(struct work_struct *work)
{
	/* If memory is short, whoever wants a chunk next asks again. */
	tws_reserve_fill(&tws_reserve);
}

static DECLARE_WORK(tws_reserve_work, tws_reserve_refill);

static void tws_reserve_wanted(struct tws_reserve *reserve)
{
	queue_work(system_dfl_wq, &tws_reserve_work);
}

/* A bind() has no remote, and is not of an out row. */
static void tws_call_pair(struct tws_key *pair, const struct sock *sk, bool bind)
{
	struct in6_addr nobody;

	tws_addresses(sk, &pair->local, bind ? &nobody : &pair->remote);
	pair->dir = bind ? TWS_BOUND : TWS_OUT;
	pair->rport = bind ? 0 : ntohs(sk->sk_dport);
	pair->dev = sk->sk_bound_dev_if;
}

/**
 * tws_pid_ns_id() - tell pid namespaces apart
 * @ns:		one that current is in, or above that
 *
 * The inode number of a namespace that has ended is soon used again. So the start of
 * the first process is part of it.
 *
 * Context: under RCU.
 * Return: a number that is not 0.
 */
u32 tws_pid_ns_id(const struct pid_namespace *ns)
{
	const struct task_struct *first = READ_ONCE(ns->child_reaper);

	return (ns->ns.inum ^ hash_64(first->start_boottime, 32)) ?: 1;
}

/* Under RCU. */
static void tws_call_pids(struct tws_call *call)
{
	const struct pid *pid = task_tgid(current);
	unsigned int i;

	for (i = 0; pid && i < TWS_PID_LEVELS && i <= pid->level; i++) {
		call->pid[i].ns = tws_pid_ns_id(pid->numbers[i].ns);
		call->pid[i].nr = pid->numbers[i].nr;
	}
}

/* Say that this process has made a call; its name, control group and pids are zero. */
static void tws_call_by_current(struct tws_call *call)
{
	rcu_read_lock();
	/* It may change meanwhile: then it is a mixture of two names, once. */
	data_race(strscpy_pad(call->key.comm, current->group_leader->comm,
			      sizeof(call->key.comm)));
	call->key.cgroup = tws_compat_cgroup_id(current);
	tws_call_pids(call);
	rcu_read_unlock();
}

/*
 * The one record of a call: who made it, with whom, and how it ended. A connect() that had
 * a port from bind() has not looked for one.
 */
static void tws_call_ended(const struct tws_probed *probed, bool bind,
			   enum tws_call_end end)
{
	struct tws_net *tn = tws_net_of(sock_net(probed->sk));
	const u64 now_ns = ktime_get_ns();
	struct tws_call call = {
		.end = end,
		.calls = probed->calls,
		.at_ms = div_u64(now_ns, NSEC_PER_MSEC),
	};

	tws_call_pair(&call.key.pair, probed->sk, bind);
	tws_call_by_current(&call);
	if (probed->calls && (bind || !probed->port))
		call.search_ns = now_ns - probed->began_ns ?: 1;
	if (end != TWS_CALL_NOT_FAILED && tws_failures_add(&tn->failures, &call, probed))
		tws_check_ask(tn);
	tws_callertable_add(&tn->callers, &call);
}

static int tws_calls_on(void)
{
	int err;

	if (tws_calls_followed)
		return 0;
	err = tws_probe_set(tws_call_ended, &tws_failures_round, tws_calls_one_in);
	if (err) {
		pr_warn("connect failures are not counted: %s (%d)\n",
			tws_probe_lacks() ?: "no probe", err);
		return err;
	}
	tws_failures_switch(true);
	WRITE_ONCE(tws_calls_followed, true);
	return 0;
}

static void tws_calls_forget(struct tws_net *tn)
{
	tws_failures_reset(&tn->failures);
	tws_callertable_reset(&tn->callers);
}

/* What is counted later begins at 0. */
static void tws_calls_off(void)
{
	if (!tws_calls_followed)
		return;
	tws_probe_clear();
	WRITE_ONCE(tws_calls_followed, false);
	tws_failures_switch(false);
	tws_nets_each(tws_calls_forget);
}

/* While the module is being loaded: only remember it for later. */
static int tws_calls_set_param(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	/* Without a value, as `modprobe tw_summary count_failures`: on. */
	err = kstrtobool(val ?: "Y", &on);
	if (err)
		return err;
	mutex_lock(&tws_calls_lock);
	if (!tws_calls_loaded)
		tws_calls_wanted = on;
	else if (on)
		err = tws_calls_on();
	else
		tws_calls_off();
	mutex_unlock(&tws_calls_lock);
	return err;
}

/* Report the actual state: the probe may have been refused. */
static int tws_calls_get_param(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%c\n",
		       READ_ONCE(tws_calls_followed) ? 'Y' : 'N');
}

static const struct kernel_param_ops tws_calls_param_ops = {
	.flags	= KERNEL_PARAM_OPS_FL_NOARG,
	.set	= tws_calls_set_param,
	.get	= tws_calls_get_param,
};
module_param_cb(count_failures, &tws_calls_param_ops, NULL, 0644);
MODULE_PARM_DESC(count_failures,
		 "follow connect() and bind() calls: failures, tw_callers, checks (default: Y)");

static int tws_calls_set_one_in(const char *val, const struct kernel_param *kp)
{
	u32 one_in;
	int err = kstrtou32(val, 0, &one_in);

	if (err)
		return err;
	if (one_in > TWS_ONE_IN_MAX)
		return -EINVAL;
	mutex_lock(&tws_calls_lock);
	WRITE_ONCE(tws_calls_one_in, one_in);
	tws_probe_sample(one_in);
	mutex_unlock(&tws_calls_lock);
	return 0;
}

static int tws_calls_get_one_in(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%u\n", READ_ONCE(tws_calls_one_in));
}

static const struct kernel_param_ops tws_one_in_param_ops = {
	.set	= tws_calls_set_one_in,
	.get	= tws_calls_get_one_in,
};
module_param_cb(sample_connects, &tws_one_in_param_ops, NULL, 0644);
MODULE_PARM_DESC(sample_connects,
		 "of how many connect() and bind() calls one is taken for tw_callers, 0: none (default: 64)");

/**
 * tws_reserve_start() - fill the reserve, before there are namespaces
 *
 * If memory is short there is less of it; the module works, and asks again later.
 */
void tws_reserve_start(void)
{
	tws_reserve_init(&tws_reserve, tws_reserve_wanted);
	tws_reserve_fill(&tws_reserve);
}

/**
 * tws_reserve_stop() - free the reserve, once there are no namespaces any more
 *
 * Context: process context, may sleep.
 */
void tws_reserve_stop(void)
{
	cancel_work_sync(&tws_reserve_work);
	tws_reserve_drain(&tws_reserve);
}

void tws_calls_net_init(struct tws_net *tn)
{
	tws_failures_init(&tn->failures, &tws_reserve);
	tws_callertable_init(&tn->callers, get_random_u32(), &tws_reserve);
}

/**
 * tws_calls_net_end() - forget the calls of a namespace that ends
 * @tn:	the namespace
 *
 * Context: process context.
 */
void tws_calls_net_end(struct tws_net *tn)
{
	tws_failures_end(&tn->failures);
	tws_callertable_end(&tn->callers);
}

/**
 * tws_calls_start() - follow calls, if that is wanted and possible
 */
void tws_calls_start(void)
{
	mutex_lock(&tws_calls_lock);
	tws_calls_loaded = true;
	if (tws_calls_wanted)
		tws_calls_on();
	mutex_unlock(&tws_calls_lock);
}

/**
 * tws_calls_stop() - follow no calls any more; waits for those that are being followed
 */
void __exit tws_calls_stop(void)
{
	mutex_lock(&tws_calls_lock);
	tws_calls_loaded = false;
	tws_calls_off();
	mutex_unlock(&tws_calls_lock);
}

/**
 * tws_calls_get() - read how calls are followed
 * @state:	result
 */
void tws_calls_get(struct tws_calls_state *state)
{
	state->on = READ_ONCE(tws_calls_followed);
	state->one_in = READ_ONCE(tws_calls_one_in);
	state->missed = state->on ? tws_probe_missed() : 0;
	state->reserve_bytes = tws_reserve_bytes(&tws_reserve);
}
