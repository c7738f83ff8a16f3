// SPDX-License-Identifier: GPL-2.0-only
/* Remembers which programs call connect() and bind(). */
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <net/inet_sock.h>

#include "addresses.h"
#include "callers.h"
#include "compat/cgroup.h"
#include "net.h"
#include "nets.h"
#include "probe.h"
#include "refill.h"

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

/* What a bind() belongs to: it has no remote. */
static struct tws_key tws_bind_pair(const struct sock *sk)
{
	struct tws_key key = tws_connect_pair(sk);

	key.dir = TWS_BOUND;
	key.rport = 0;
	memset(&key.remote, 0, sizeof(key.remote));
	return key;
}

static void tws_callers_add(const struct tws_probed *probed, const struct tws_key *pair,
			    enum tws_call_end end)
{
	struct tws_net *tn = tws_net_of(sock_net(probed->sk));
	struct tws_call call = {
		.key.pair = *pair,
		.end = end,
		.calls = probed->calls,
		.search_ns = probed->search_ns,
		.now_s = ktime_get_seconds(),
	};

	tws_call_by_current(&call);
	tws_callertable_add(&tn->callers, &call);
}

/**
 * tws_callers_add_connect() - count a connect() of this process
 * @call:	the call
 * @end:	how it ended
 *
 * Context: any but NMI.
 */
void tws_callers_add_connect(const struct tws_probed *call, enum tws_call_end end)
{
	const struct tws_key pair = tws_connect_pair(call->sk);

	tws_callers_add(call, &pair, end);
}

/**
 * tws_callers_add_bind() - count a bind() of this process with port 0
 * @call:	the call
 * @end:	how it ended
 *
 * Context: any but NMI.
 */
void tws_callers_add_bind(const struct tws_probed *call, enum tws_call_end end)
{
	const struct tws_key pair = tws_bind_pair(call->sk);

	tws_callers_add(call, &pair, end);
}

/**
 * tws_callers_init() - prepare for a namespace
 * @callers:	its callers
 */
void tws_callers_init(struct tws_callertable *callers)
{
	tws_callertable_init(callers, get_random_u32(), &tws_reserve);
}

/**
 * tws_callers_drop() - forget a namespace that ends
 * @callers:	its callers
 *
 * Context: process context.
 */
void tws_callers_drop(struct tws_callertable *callers)
{
	tws_callertable_end(callers);
}

static void tws_callers_forget_in(struct tws_net *tn)
{
	tws_callertable_reset(&tn->callers);
}

/**
 * tws_callers_forget() - forget the callers of all namespaces
 *
 * Context: process context, may sleep.
 */
void tws_callers_forget(void)
{
	tws_nets_each(tws_callers_forget_in);
}
