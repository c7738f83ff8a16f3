// SPDX-License-Identifier: GPL-2.0-only
/* Lets tables grow that are used where nobody can allocate. */
#include <linux/rcupdate.h>

#include "compat/workqueue.h"
#include "compute/sets.h"
#include "grower.h"

static void tws_grower_work(struct work_struct *work)
{
	struct tws_grower *grower = container_of(work, struct tws_grower, work);

	tws_sets_grow(grower->sets);
}

/**
 * tws_grower_init() - prepare for a table
 * @grower:	the grower
 * @sets:	the table
 */
void tws_grower_init(struct tws_grower *grower, struct tws_sets *sets)
{
	INIT_WORK(&grower->work, tws_grower_work);
	grower->sets = sets;
}

/**
 * tws_grower_ask() - let the table grow soon
 * @grower:	the grower
 * @closing:	set before the grace period after which tws_grower_stop() is called
 *
 * Context: any but NMI.
 */
void tws_grower_ask(struct tws_grower *grower, const bool *closing)
{
	rcu_read_lock();
	if (!READ_ONCE(*closing))
		queue_work(system_dfl_wq, &grower->work);
	rcu_read_unlock();
}

/**
 * tws_grower_stop() - wait until it does not touch the table any more
 * @grower:	the grower
 *
 * Context: process context, may sleep.
 */
void tws_grower_stop(struct tws_grower *grower)
{
	cancel_work_sync(&grower->work);
}
