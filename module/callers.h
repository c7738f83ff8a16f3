/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERS_H
#define TWS_CALLERS_H

#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/types.h>

#include "compute/callertable.h"

struct pid_namespace;

/* The time in seconds, by the clock of the calls. No call is later. */
static inline u32 tws_callers_now_s(void)
{
	return div_u64(ktime_get_ns(), NSEC_PER_SEC);
}

void tws_call_by_current(struct tws_call *call);
void tws_callers_init(struct tws_callertable *callers);
void tws_callers_drop(struct tws_callertable *callers);
void tws_callers_forget(void);
u32 tws_pid_ns_id(const struct pid_namespace *ns);

#endif /* TWS_CALLERS_H */
