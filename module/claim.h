/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CLAIM_H
#define TWS_CLAIM_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

/**
 * struct tws_claims - who takes what several readers wait for
 * @lock:	guards all but @news, for a few instructions at a time
 * @claims:	how many readers have taken one for themselves and for those that wait
 * @claim:	the number of the last one of these that has not ended, 0 for none
 * @claimed_at:	when it began, in jiffies
 * @news:	readers that wait
 */
struct tws_claims {
	spinlock_t lock;	/* guards all but @news */
	u32 claims;
	u32 claim;
	unsigned long claimed_at;
	wait_queue_head_t news;
};

void tws_claims_init(struct tws_claims *claims);
int tws_claims_wait(struct tws_claims *claims, bool (*find)(void *ctx), void *ctx,
		    u32 *claim);
void tws_claims_release(struct tws_claims *claims, u32 claim);

#endif /* TWS_CLAIM_H */
