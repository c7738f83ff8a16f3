/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_WORKQUEUE_H
#define TWS_COMPAT_WORKQUEUE_H

#include <linux/version.h>
#include <linux/workqueue.h>

/* The unbound queue got another name, and 7.x complains about the old one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define system_dfl_wq	system_unbound_wq
#endif

#endif /* TWS_COMPAT_WORKQUEUE_H */
