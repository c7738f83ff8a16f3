/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLS_H
#define TWS_CALLS_H

#include <linux/types.h>

/**
 * struct tws_calls_state - how calls are followed
 * @on:		they are
 * @one_in:	how many calls one stands for in the table of callers, 0 for none
 * @missed:	calls that could not be followed
 */
struct tws_calls_state {
	bool on;
	u32 one_in;
	u64 missed;
};

void tws_calls_start(void);
void tws_calls_stop(void);
void tws_calls_get(struct tws_calls_state *state);

#endif /* TWS_CALLS_H */
