// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's reserve of memory for pairs that fail and for callers, and the worker that
 * refills it. It is for all namespaces: what one has taken, a burst in another one lacks
 * until the worker has run.
 */
#include <linux/build_bug.h>
#include <linux/workqueue.h>

#include "compat/workqueue.h"
#include "compute/callertable.h"
#include "compute/failtable.h"
#include "refill.h"

/* What a burst takes from a standing start: 256 pairs, and as many callers, twice. */
#define TWS_BURST	256
#define TWS_BURST_CHUNKS \
	(2 * (TWS_MEMO_CHUNKS_FOR(TWS_BURST, sizeof(struct tws_failure)) + \
	      TWS_MEMO_CHUNKS_FOR(TWS_BURST, sizeof(struct tws_caller))))

static_assert(TWS_BURST_CHUNKS <= TWS_RESERVE_CHUNKS);

/* What the module's tables take memory from. */
struct tws_reserve tws_reserve;

static void tws_refill(struct work_struct *work)
{
	/* If memory is short, whoever wants a chunk next asks again. */
	tws_reserve_fill(&tws_reserve);
}

static DECLARE_WORK(tws_refill_work, tws_refill);

static void tws_refill_ask(struct tws_reserve *reserve)
{
	queue_work(system_dfl_wq, &tws_refill_work);
}

/**
 * tws_refill_start() - fill the reserve, before there are tables
 *
 * If memory is short there is less; the module works, and asks again later.
 */
void tws_refill_start(void)
{
	tws_reserve_init(&tws_reserve, tws_refill_ask);
	tws_reserve_fill(&tws_reserve);
}

/**
 * tws_refill_stop() - free the reserve, once there are no tables any more
 *
 * Context: process context, may sleep.
 */
void tws_refill_stop(void)
{
	cancel_work_sync(&tws_refill_work);
	tws_reserve_drain(&tws_reserve);
}
