/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_DEBUGFS_H
#define TWS_DEBUGFS_H

struct file_operations;

/* The files, each in a source file of its own. */
extern const struct file_operations tws_debug_all_fops;
extern const struct file_operations tws_debug_ages_fops;
extern const struct file_operations tws_debug_ports_fops;
extern const struct file_operations tws_debug_walk_fops;
extern const struct file_operations tws_debug_ehash_fops;

void tws_debugfs_add(void);
void tws_debugfs_remove(void);

#endif /* TWS_DEBUGFS_H */
