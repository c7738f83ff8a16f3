/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BUDGET_WAIT_H
#define TWS_BUDGET_WAIT_H

#include <linux/types.h>

struct delayed_work;

int tws_budget_start(void);
void tws_budget_stop(void);
void tws_budget_due(struct delayed_work *work, unsigned long delay);
void tws_budget_ask(struct delayed_work *work, unsigned long delay);
bool tws_budget_wait(const bool *off);
void tws_budget_spend(u64 start_ns, u64 cost_ns);
void tws_budget_wake(void);

#endif /* TWS_BUDGET_WAIT_H */
