/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_COMPAT_PROC_H
#define TWS_COMPAT_PROC_H

#include <linux/proc_fs.h>

/* See features.mk. */
#ifndef TWS_HAS_PDE_DATA
#define pde_data(inode)	PDE_DATA(inode)
#endif

#endif /* TWS_COMPAT_PROC_H */
