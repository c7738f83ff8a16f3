/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_PROC_H
#define TWS_COMPAT_PROC_H

#include <linux/proc_fs.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data(inode)	PDE_DATA(inode)
#endif

#endif /* TWS_COMPAT_PROC_H */
