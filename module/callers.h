/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERS_H
#define TWS_CALLERS_H

#include <linux/types.h>

#include "compute/callertable.h"

struct pid_namespace;
struct tws_probed;

void tws_callers_add_connect(const struct tws_probed *call, enum tws_call_end end);
void tws_callers_add_bind(const struct tws_probed *call, enum tws_call_end end);
void tws_callers_init(struct tws_callertable *callers);
void tws_callers_drop(struct tws_callertable *callers);
void tws_callers_forget(void);
u32 tws_pid_ns_id(const struct pid_namespace *ns);

#endif /* TWS_CALLERS_H */
