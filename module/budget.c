// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.monitor_budget_percent: whose turn it is to take a snapshot that nobody
 * waits for.
 *
 * Such snapshots are those of the monitors of all namespaces but the initial one, and those
 * that check its predictions (monitor.c). A tenant may have any number of
 * namespaces with monitors. So each owner has a list of jobs that are due, and an equal
 * share of the budget: after a job that took t, his next turn comes t * 100 * owners /
 * monitor_budget_percent after its begin. What is too much stretches the intervals of his
 * own namespaces only. One snapshot is taken at a time.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "budget.h"
#include "compat/workqueue.h"
#include "compute/turns.h"
#include "compute/gfp.h"
#include "settings.h"

/* The budget and the number of owners may change meanwhile: look again after this time. */
#define TWS_TURN_LOOK_MS	1000u

/* An owner who has had no turn for so long, and has no job that is due, has no share. */
#define TWS_OWNER_ACTIVE_NS	(10 * NSEC_PER_SEC)

/* A timer ends up to a tick late, and jiffies are rounded up. */
#define TWS_TURN_LATE_NS	(2 * TICK_NSEC)

/**
 * struct tws_owner - who has turns: the monitors of one tenant, or the module's own checks
 * @list:	entry in the list of all owners
 * @uid:	who owns the outermost user namespace of his namespaces; invalid if that is
 *		the initial one
 * @payer:	then the control group that pays for the snapshots, NULL for none
 * @users:	monitors that are on
 * @jobs:	jobs that are due, the one that has waited longest first
 * @running:	the job that takes its snapshot now, else NULL
 * @began_ns:	when the last one began, see tws_turn_began_ns()
 * @cost_ns:	how long it took; time that it waited for a processor counts too
 * @turn:	his next turn, if he has a job that is due
 */
struct tws_owner {
	struct list_head list;
	kuid_t uid;
	const struct mem_cgroup *payer;
	unsigned int users;
	struct list_head jobs;
	struct tws_job *running;
	u64 began_ns;
	u64 cost_ns;
	struct delayed_work turn;
};

static struct workqueue_struct *tws_budget_wq;

/* Guards the owners, and what is in them. */
static DEFINE_MUTEX(tws_budget_lock);
static LIST_HEAD(tws_owners);

/* Tells who waits for the end of a job. */
static DECLARE_WAIT_QUEUE_HEAD(tws_budget_ended);

/* The longest time that any job had to wait. */
static u32 tws_budget_latest;

/* The module's own checks are a tenant of their own. */
static struct tws_owner tws_checks;

static u32 tws_owners_active(u64 now)
{
	const struct tws_owner *owner;
	u32 nr = 0;

	list_for_each_entry(owner, &tws_owners, list)
		nr += !list_empty(&owner->jobs) || owner->running ||
		      now - owner->began_ns < TWS_OWNER_ACTIVE_NS;
	return max(nr, 1u);
}

static u64 tws_owner_next_ns(const struct tws_owner *owner)
{
	return tws_turn_next_ns(owner->began_ns, owner->cost_ns, tws_monitor_budget(),
				  tws_owners_active(ktime_get_ns()));
}

/* Queue the turn of an owner who has jobs. True if it is now. */
static bool tws_owner_queue(struct tws_owner *owner)
{
	const u64 next = tws_owner_next_ns(owner), now = ktime_get_ns();
	u32 left_ms;

	if (now >= next)
		return true;
	left_ms = min_t(u64, div_u64(next - now, NSEC_PER_MSEC) + 1, TWS_TURN_LOOK_MS);
	queue_delayed_work(tws_budget_wq, &owner->turn, msecs_to_jiffies(left_ms));
	return false;
}

static struct tws_job *tws_owner_next_job(struct tws_owner *owner)
{
	struct tws_job *job;

	mutex_lock(&tws_budget_lock);
	job = list_first_entry_or_null(&owner->jobs, struct tws_job, waiting);
	if (job && !tws_owner_queue(owner))
		job = NULL;
	if (job) {
		list_del_init(&job->waiting);
		WRITE_ONCE(owner->running, job);
	}
	mutex_unlock(&tws_budget_lock);
	return job;
}

static void tws_owner_ran(struct tws_owner *owner, u64 start_ns, u64 cost_ns)
{
	mutex_lock(&tws_budget_lock);
	owner->began_ns = tws_turn_began_ns(tws_owner_next_ns(owner), start_ns,
					    TWS_TURN_LATE_NS);
	owner->cost_ns = cost_ns;
	WRITE_ONCE(owner->running, NULL);
	if (!list_empty(&owner->jobs) && tws_owner_queue(owner))
		queue_delayed_work(tws_budget_wq, &owner->turn, 0);
	mutex_unlock(&tws_budget_lock);
	wake_up_all(&tws_budget_ended);
}

static void tws_job_run(struct tws_job *job)
{
	const u64 now = ktime_get_ns(), due = READ_ONCE(job->due_ns);
	const u64 late_ms = now > due ? div_u64(now - due, NSEC_PER_MSEC) : 0;

	WRITE_ONCE(job->late_ms, min_t(u64, late_ms, U32_MAX));
	if (job->owner && job->late_ms > READ_ONCE(tws_budget_latest))
		WRITE_ONCE(tws_budget_latest, job->late_ms);
	job->run(job);
}

static void tws_owner_turn(struct work_struct *work)
{
	struct tws_owner *owner = container_of(to_delayed_work(work), struct tws_owner,
					       turn);
	struct tws_job *job = tws_owner_next_job(owner);
	u64 start;

	if (!job)
		return;
	start = ktime_get_ns();
	tws_job_run(job);
	/* The job may be gone. */
	tws_owner_ran(owner, start, ktime_get_ns() - start);
}

static void tws_owner_init(struct tws_owner *owner, kuid_t uid,
			   const struct mem_cgroup *payer)
{
	owner->uid = uid;
	owner->payer = payer;
	owner->users = 0;
	owner->running = NULL;
	owner->began_ns = 0;
	owner->cost_ns = 0;
	INIT_LIST_HEAD(&owner->jobs);
	INIT_DELAYED_WORK(&owner->turn, tws_owner_turn);
	list_add_tail(&owner->list, &tws_owners);
}

/**
 * tws_budget_start() - prepare the workqueue
 *
 * Return: 0 or -ENOMEM.
 */
int tws_budget_start(void)
{
	/* Ordered: one snapshot at a time. */
	tws_budget_wq = alloc_ordered_workqueue("tw_summary", 0);
	if (!tws_budget_wq)
		return -ENOMEM;
	tws_owner_init(&tws_checks, INVALID_UID, NULL);
	return 0;
}

/**
 * tws_budget_stop() - destroy the workqueue of jobs; there are none any more
 */
void tws_budget_stop(void)
{
	cancel_delayed_work_sync(&tws_checks.turn);
	destroy_workqueue(tws_budget_wq);
}

/**
 * tws_owner_of_checks() - the owner of the snapshots that the module takes for itself
 */
struct tws_owner *tws_owner_of_checks(void)
{
	return &tws_checks;
}

/* User namespaces can be multiplied, and their owner cannot. */
static kuid_t tws_outermost_owner(const struct user_namespace *ns)
{
	if (ns == &init_user_ns)
		return INVALID_UID;
	while (ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}

static struct tws_owner *tws_owner_find(kuid_t uid, const struct mem_cgroup *payer)
{
	struct tws_owner *owner;

	list_for_each_entry(owner, &tws_owners, list)
		if (owner != &tws_checks && uid_eq(owner->uid, uid) && owner->payer == payer)
			return owner;
	return NULL;
}

/**
 * tws_owner_get() - whose turns the monitor of a namespace waits for
 * @net:	the namespace
 * @payer:	the control group that pays for its snapshots. It tells containers of the
 *		initial user namespace apart, as Docker makes them. The caller keeps it until
 *		tws_owner_put().
 *
 * Context: process context, may sleep.
 * Return: the owner, for tws_owner_put(), or NULL if memory is short.
 */
struct tws_owner *tws_owner_get(const struct net *net, const struct mem_cgroup *payer)
{
	const kuid_t uid = tws_outermost_owner(net->user_ns);
	struct tws_owner *owner;

	if (uid_valid(uid))
		payer = NULL;
	mutex_lock(&tws_budget_lock);
	owner = tws_owner_find(uid, payer);
	if (!owner) {
		owner = kmalloc(sizeof(*owner), TWS_GFP);
		if (owner)
			tws_owner_init(owner, uid, payer);
	}
	if (owner)
		owner->users++;
	mutex_unlock(&tws_budget_lock);
	return owner;
}

/**
 * tws_owner_put() - drop an owner, because a monitor was switched off
 * @owner:	its owner, may be NULL; the monitor's job is cancelled
 *
 * Context: process context, may sleep.
 */
void tws_owner_put(struct tws_owner *owner)
{
	bool last;

	if (!owner)
		return;
	mutex_lock(&tws_budget_lock);
	last = !--owner->users;
	if (last)
		list_del(&owner->list);
	mutex_unlock(&tws_budget_lock);
	if (!last)
		return;
	cancel_delayed_work_sync(&owner->turn);
	kfree(owner);
}

static void tws_job_timer(struct work_struct *work)
{
	struct tws_job *job = container_of(to_delayed_work(work), struct tws_job, timer);
	struct tws_owner *owner = job->owner;

	if (!owner) {
		tws_job_run(job);
		return;
	}
	mutex_lock(&tws_budget_lock);
	if (list_empty(&job->waiting)) {
		list_add_tail(&job->waiting, &owner->jobs);
		/* Unless his turn is queued. */
		queue_delayed_work(tws_budget_wq, &owner->turn, 0);
	}
	mutex_unlock(&tws_budget_lock);
}

/**
 * tws_job_init() - prepare a job; it has no owner yet
 * @job:	the job
 * @run:	takes its snapshot
 */
void tws_job_init(struct tws_job *job, void (*run)(struct tws_job *job))
{
	memset(job, 0, sizeof(*job));
	job->run = run;
	INIT_LIST_HEAD(&job->waiting);
	INIT_DELAYED_WORK(&job->timer, tws_job_timer);
}

/**
 * tws_job_due() - say when a job is due, whatever was said before
 * @job:	the job
 * @delay:	jiffies until then
 */
void tws_job_due(struct tws_job *job, unsigned long delay)
{
	WRITE_ONCE(job->due_ns, ktime_get_ns() + jiffies_to_nsecs(delay));
	mod_delayed_work(system_dfl_wq, &job->timer, delay);
}

/**
 * tws_job_ask() - say when a job is due, unless it is due already
 * @job:	the job
 * @delay:	jiffies until then
 *
 * Context: any but NMI.
 */
void tws_job_ask(struct tws_job *job, unsigned long delay)
{
	const u64 due_ns = ktime_get_ns() + jiffies_to_nsecs(delay);

	if (queue_delayed_work(system_dfl_wq, &job->timer, delay))
		WRITE_ONCE(job->due_ns, due_ns);
}

/**
 * tws_job_cancel() - wait until a job does nothing any more
 * @job:	the job; nobody says any more that it is due
 *
 * Context: process context, may sleep.
 */
void tws_job_cancel(struct tws_job *job)
{
	struct tws_owner *owner = job->owner;
	bool running;

	do {
		cancel_delayed_work_sync(&job->timer);
		if (!owner)
			return;
		mutex_lock(&tws_budget_lock);
		list_del_init(&job->waiting);
		running = owner->running == job;
		mutex_unlock(&tws_budget_lock);
		/* It may have said when the next one is due, before the last one to say so. */
		if (running)
			wait_event(tws_budget_ended, READ_ONCE(owner->running) != job);
	} while (running);
}

/**
 * tws_budget_latest_ms() - the longest time that a job had to wait since the module was
 * loaded, milliseconds
 */
u32 tws_budget_latest_ms(void)
{
	return READ_ONCE(tws_budget_latest);
}
