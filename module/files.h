/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that users see: those of a namespace, its sysctls, and those of debugfs. */
#ifndef TWS_FILES_H
#define TWS_FILES_H

struct dentry;
struct tws_net;

/*
 * /proc/net/tw_summary, tw_sources, tw_callers, tw_thresholds. Adding returns 0 or -ENOMEM;
 * removing waits for reads and writes that are running, and later ones fail with EIO.
 */
int tws_proc_add(struct tws_net *tn);
void tws_proc_remove(struct tws_net *tn);
int tws_sources_proc_add(struct tws_net *tn);
void tws_sources_proc_remove(struct tws_net *tn);
int tws_callers_proc_add(struct tws_net *tn);
void tws_callers_proc_remove(struct tws_net *tn);
int tws_thresholds_proc_add(struct tws_net *tn);
void tws_thresholds_proc_remove(struct tws_net *tn);

/* net.tw_summary.*: likewise, but nothing stays open. */
int tws_sysctls_add(struct tws_net *tn);
void tws_sysctls_remove(struct tws_net *tn);

/* debug_rows.c, debug_walk.c: each makes its files in the folder. */
void tws_debug_rows_add(struct dentry *dir);
void tws_debug_walk_add(struct dentry *dir);

void tws_debugfs_add(void);
void tws_debugfs_remove(void);

#endif /* TWS_FILES_H */
