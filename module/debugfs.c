// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tw_summary/. Whoever gets into debugfs sees all namespaces.
 * Under lockdown debugfs opens only files of mode 0444 that can do no more than
 * be read: all of these.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>

#include "debugfs.h"

static const struct {
	const char *name;
	const struct file_operations *fops;
} tws_debug_files[] = {
	{ "all",	&tws_debug_all_fops },
	{ "ages",	&tws_debug_ages_fops },
	{ "ports",	&tws_debug_ports_fops },
	{ "walk",	&tws_debug_walk_fops },
	{ "ehash",	&tws_debug_ehash_fops },
};

static struct dentry *tws_debug_dir;

/**
 * tws_debugfs_add() - make the folder and its files
 *
 * The module works without them: nothing is reported.
 */
void tws_debugfs_add(void)
{
	size_t i;

	tws_debug_dir = debugfs_create_dir("tw_summary", NULL);
	for (i = 0; i < ARRAY_SIZE(tws_debug_files); i++)
		debugfs_create_file(tws_debug_files[i].name, 0444,
				    tws_debug_dir, NULL,
				    tws_debug_files[i].fops);
}

/**
 * tws_debugfs_remove() - remove the folder
 *
 * Waits for readers that are inside.
 */
void tws_debugfs_remove(void)
{
	debugfs_remove_recursive(tws_debug_dir);
}
