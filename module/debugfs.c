// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tw_summary/: the files show all namespaces. Under lockdown
 * debugfs only opens files of mode 0444 without write or mmap, as these are.
 */
#include <linux/debugfs.h>
#include <linux/init.h>

#include "files.h"

static struct dentry *tws_debug_dir;

/**
 * tws_debugfs_add() - make the folder and its files
 *
 * The module works without them: nothing is reported.
 */
void tws_debugfs_add(void)
{
	tws_debug_dir = debugfs_create_dir("tw_summary", NULL);
	tws_debug_rows_add(tws_debug_dir);
	tws_debug_ports_add(tws_debug_dir);
	tws_debug_walk_add(tws_debug_dir);
}

/**
 * tws_debugfs_remove() - remove the folder
 *
 * Waits for readers that are inside.
 */
void __exit tws_debugfs_remove(void)
{
	debugfs_remove_recursive(tws_debug_dir);
}
