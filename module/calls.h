/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLS_H
#define TWS_CALLS_H

#include <linux/types.h>

struct pid_namespace;
struct tws_net;

/**
 * struct tws_calls_state - how calls are followed
 * @on:		they are
 * @one_in:	how many calls one stands for in the table of callers, 0 for none
 * @missed:	calls that could not be followed
 * @reserve_bytes: memory that is ready for tables that grow
 */
struct tws_calls_state {
	bool on;
	u32 one_in;
	u64 missed;
	u64 reserve_bytes;
};

void tws_reserve_start(void);
void tws_reserve_stop(void);
void tws_calls_net_init(struct tws_net *tn);
void tws_calls_net_end(struct tws_net *tn);
void tws_calls_start(void);
void tws_calls_stop(void);
void tws_calls_get(struct tws_calls_state *state);
u32 tws_pid_ns_id(const struct pid_namespace *ns);

#endif /* TWS_CALLS_H */
