/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_MEMCG_H
#define TWS_COMPAT_MEMCG_H

#include <linux/memcontrol.h>
#include <linux/sched/mm.h>
#include <linux/version.h>

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

#endif /* TWS_COMPAT_MEMCG_H */
