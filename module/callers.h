/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERS_H
#define TWS_CALLERS_H

#include "compute/callertable.h"
#include "grower.h"

struct pid_namespace;
struct sock;

/**
 * struct tws_net_callers - who connects in a namespace
 * @table:	the callers
 * @grower:	of the table
 */
struct tws_net_callers {
	struct tws_callertable table;
	struct tws_grower grower;
};

void tws_callers_add(const struct sock *sk, bool connect, bool failed,
		     u32 calls);
void tws_callers_init(struct tws_net_callers *callers);
void tws_callers_drop(struct tws_net_callers *callers);
void tws_callers_forget(void);
u32 tws_pid_ns_id(const struct pid_namespace *ns);

#endif /* TWS_CALLERS_H */
