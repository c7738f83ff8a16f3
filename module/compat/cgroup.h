/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_CGROUP_H
#define TWS_COMPAT_CGROUP_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

/*
 * The id of the cgroup v2 that a task is in; 0 if the kernel has no control groups.
 * Under RCU.
 */
static inline u64 tws_compat_cgroup_id(struct task_struct *task)
{
#ifdef CONFIG_CGROUPS
	return cgroup_id(task_dfl_cgroup(task));
#else
	return 0;
#endif
}

/*
 * Let a control group pay for what this kworker allocates, until it is called with what
 * it returned. Modules cannot do this before 5.14, which exports what it takes.
 */
static inline struct mem_cgroup *tws_compat_payer(struct mem_cgroup *memcg)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
	return set_active_memcg(memcg);
#else
	return NULL;
#endif
}

#endif /* TWS_COMPAT_CGROUP_H */
