/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SELFCHECK_H
#define TWS_SELFCHECK_H

#include "budget.h"

struct tws_net;

/**
 * struct tws_selfcheck - takes a snapshot after a call that found no port
 * @job:	does it
 */
struct tws_selfcheck {
	struct tws_job job;
};

void tws_selfcheck_init(struct tws_selfcheck *check);
void tws_selfcheck_ask(struct tws_net *tn);
void tws_selfcheck_stop(struct tws_net *tn);

#endif /* TWS_SELFCHECK_H */
