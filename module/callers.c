// SPDX-License-Identifier: GPL-2.0-only
/* Remembers which programs call connect() and bind(). */
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "callers.h"
#include "compat/cgroup.h"
#include "net.h"
#include "nets.h"
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

/**
 * tws_call_by_current() - say that this process has made a call
 * @call:	the call; its name, control group and pids are zero
 *
 * Context: any but NMI.
 */
void tws_call_by_current(struct tws_call *call)
{
	rcu_read_lock();
	/* It may change meanwhile: then it is a mixture of two names, once. */
	data_race(strscpy_pad(call->key.comm, current->group_leader->comm,
			      sizeof(call->key.comm)));
	call->key.cgroup = tws_compat_cgroup_id(current);
	tws_call_pids(call);
	rcu_read_unlock();
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
