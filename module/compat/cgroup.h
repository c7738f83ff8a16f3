/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_CGROUP_H
#define TWS_COMPAT_CGROUP_H

#include <linux/cgroup.h>

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

#endif /* TWS_COMPAT_CGROUP_H */
