/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_DEBUGFS_H
#define TWS_DEBUGFS_H

struct dentry;

/* Each makes its files in the folder, and is in the source file of its name. */
void tws_debug_rows_add(struct dentry *dir);
void tws_debug_ports_add(struct dentry *dir);
void tws_debug_walk_add(struct dentry *dir);

void tws_debugfs_add(void);
void tws_debugfs_remove(void);

#endif /* TWS_DEBUGFS_H */
