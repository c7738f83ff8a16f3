/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERS_H
#define TWS_CALLERS_H

#include <linux/types.h>

struct pid_namespace;
struct sock;
struct tws_callertable;

void tws_callers_add(const struct sock *sk, bool connect, bool failed,
		     u32 calls);
void tws_callers_init(struct tws_callertable *callers);
void tws_callers_drop(struct tws_callertable *callers);
void tws_callers_forget(void);
u32 tws_pid_ns_id(const struct pid_namespace *ns);

#endif /* TWS_CALLERS_H */
