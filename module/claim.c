// SPDX-License-Identifier: GPL-2.0-only
/*
 * One reader takes what the others wait for.
 *
 * He may be stopped in the middle of it (his control group has used up its processor
 * time), and he may be anybody. So if it takes long, one of the others takes another one,
 * and so on. Where many readers fight for a processor, each of them is late: that is no
 * reason for each to take one.
 */
#include <linux/jiffies.h>
#include <linux/sched/signal.h>

#include "claim.h"

/* After this time one of the readers that wait takes one beside the other one. */
#define TWS_PATIENCE_MS	100
/* A reader that has waited so often takes one for himself. */
#define TWS_WAITS	10

/**
 * tws_claims_init() - nobody takes one
 * @claims:	the claims
 */
void tws_claims_init(struct tws_claims *claims)
{
	spin_lock_init(&claims->lock);
	claims->claims = 0;
	claims->claim = 0;
	init_waitqueue_head(&claims->news);
}

/* Return a number for tws_claims_release(), or 0: another reader takes one. */
static u32 tws_claims_take(struct tws_claims *claims)
{
	u32 claim = 0;

	spin_lock(&claims->lock);
	if (!claims->claim ||
	    time_after(jiffies, claims->claimed_at + msecs_to_jiffies(TWS_PATIENCE_MS))) {
		claim = ++claims->claims ?: ++claims->claims;
		WRITE_ONCE(claims->claim, claim);
		claims->claimed_at = jiffies;
	}
	spin_unlock(&claims->lock);
	return claim;
}

/**
 * tws_claims_release() - whoever waits may look again
 * @claims:	the claims
 * @claim:	from tws_claims_wait()
 */
void tws_claims_release(struct tws_claims *claims, u32 claim)
{
	if (!claim)
		return;
	spin_lock(&claims->lock);
	if (claims->claim == claim)
		WRITE_ONCE(claims->claim, 0);
	spin_unlock(&claims->lock);
	wake_up(&claims->news);
}

/* There is one, or nobody takes one. */
static bool tws_claims_have_news(struct tws_claims *claims, bool (*find)(void *ctx),
				 void *ctx, bool *found)
{
	*found = find(ctx);
	return *found || !READ_ONCE(claims->claim);
}

/**
 * tws_claims_wait() - wait for one, or be the one who takes it
 * @claims:	the claims
 * @find:	looks for one; has kept it if it returns true, and then is called no more
 * @ctx:	its argument
 * @claim:	result: for tws_claims_release() once it is taken, 0 if that is not needed
 *
 * Context: process context, may sleep.
 * Return: 1 if @find has found one, 0 if the caller is to take one, or -EINTR.
 */
int tws_claims_wait(struct tws_claims *claims, bool (*find)(void *ctx), void *ctx,
		    u32 *claim)
{
	unsigned int waits = 0;
	bool found = find(ctx);

	*claim = 0;
	while (!found) {
		*claim = tws_claims_take(claims);
		if (*claim || waits++ == TWS_WAITS)
			break;
		if (wait_event_killable_timeout(claims->news,
						tws_claims_have_news(claims, find, ctx,
								     &found),
						msecs_to_jiffies(TWS_PATIENCE_MS)) < 0)
			return -EINTR;
	}
	return found;
}
