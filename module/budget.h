/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_BUDGET_H
#define TWS_BUDGET_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct mem_cgroup;
struct net;
struct tws_owner;

/**
 * struct tws_job - takes a snapshot that nobody waits for, each time that it is due
 * @run:	takes it; may say when the next one is due
 * @owner:	who has turns for it, NULL if it is in no budget
 * @timer:	ends when it is due
 * @waiting:	entry in the list of @owner's jobs that are due
 * @due_ns:	when it is due, ktime_get_ns()
 * @late_ms:	how long the last one had to wait, milliseconds
 */
struct tws_job {
	void (*run)(struct tws_job *job);
	struct tws_owner *owner;
	struct delayed_work timer;
	struct list_head waiting;
	u64 due_ns;
	u32 late_ms;
};

int tws_budget_start(void);
void tws_budget_stop(void);
struct tws_owner *tws_owner_get(const struct net *net, const struct mem_cgroup *payer);
void tws_owner_put(struct tws_owner *owner);
struct tws_owner *tws_owner_of_checks(void);
void tws_job_init(struct tws_job *job, void (*run)(struct tws_job *job));
void tws_job_due(struct tws_job *job, unsigned long delay);
void tws_job_ask(struct tws_job *job, unsigned long delay);
void tws_job_cancel(struct tws_job *job);
u32 tws_budget_latest_ms(void);

#endif /* TWS_BUDGET_H */
