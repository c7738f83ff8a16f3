// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds the module to what it says, also where nobody reads: a call that finds no port
 * is followed by a snapshot, which says how many ports its pair has (failures.c,
 * compute/promise.h). The next calls show whether that was true, and the snapshot after
 * these counts those that it was not true for.
 *
 * At most one a second for a namespace, and within the budget for all of them
 * (budget.c). While what was said holds, once in TWS_PROMISE_MS for each pair.
 */
#include <linux/err.h>
#include <linux/rcupdate.h>

#include "budget.h"
#include "net.h"
#include "selfcheck.h"
#include "snapshot.h"

/* So it is at most one a second. */
#define TWS_SELFCHECK_DELAY	HZ

static void tws_selfcheck_run(struct tws_job *job)
{
	struct tws_net *tn = container_of(job, struct tws_net, selfcheck.job);
	struct tws_snapshot *snap;

	/* Its memory is the host's. There is one at a time, and nobody keeps it. */
	snap = tws_snapshot_take(tn, &tn->closing);
	if (!IS_ERR(snap))
		tws_snapshot_put(snap);
}

/**
 * tws_selfcheck_init() - prepare for a namespace
 * @check:	its check
 */
void tws_selfcheck_init(struct tws_selfcheck *check)
{
	tws_job_init(&check->job, tws_selfcheck_run);
	check->job.owner = tws_owner_of_checks();
}

/**
 * tws_selfcheck_ask() - take a snapshot soon
 * @tn:		the namespace
 *
 * Context: any but NMI.
 */
void tws_selfcheck_ask(struct tws_net *tn)
{
	/* tws_selfcheck_stop() comes a grace period after @closing was set. */
	rcu_read_lock();
	if (!READ_ONCE(tn->closing))
		tws_job_ask(&tn->selfcheck.job, TWS_SELFCHECK_DELAY);
	rcu_read_unlock();
}

/**
 * tws_selfcheck_stop() - wait until a namespace that ends is not used any more
 * @tn:		the namespace
 *
 * Context: process context, may sleep.
 */
void tws_selfcheck_stop(struct tws_net *tn)
{
	tws_job_cancel(&tn->selfcheck.job);
}
