// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/tw_sources: how many more bind() calls with port 0 would succeed, by local
 * address. An open file shows what open() found, or what another reader found a moment
 * before.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "compat/proc.h"
#include "files.h"
#include "net.h"
#include "show.h"
#include "sourcewalk.h"

#define TWS_SOURCES_NAME	"tw_sources"

static void *tws_sources_start(struct seq_file *m, loff_t *pos)
{
	struct tws_sources *sources = m->private;

	return seq_list_start_head(&sources->table.rows, *pos);
}

static void *tws_sources_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct tws_sources *sources = m->private;

	return seq_list_next(v, &sources->table.rows, pos);
}

static void tws_sources_stop(struct seq_file *m, void *v)
{
}

static int tws_sources_show(struct seq_file *m, void *v)
{
	const struct tws_sources *sources = m->private;

	if (v == &sources->table.rows)
		tws_sources_show_header(m, sources);
	else
		tws_sources_show_row(m, sources,
				     list_entry(v, struct tws_source_row, list));
	return 0;
}

static const struct seq_operations tws_sources_ops = {
	.start	= tws_sources_start,
	.next	= tws_sources_next,
	.stop	= tws_sources_stop,
	.show	= tws_sources_show,
};

static int tws_sources_open(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);
	struct tws_sources *sources;
	int err;

	if (!maybe_get_net(tn->net))
		return -ENXIO;
	sources = tws_sources_get(tn);
	/* The walk ends when the module is being unloaded. */
	err = READ_ONCE(tn->closing) ? -EIO : PTR_ERR_OR_ZERO(sources);
	put_net(tn->net);
	if (IS_ERR(sources))
		return err;
	err = seq_open(filp, &tws_sources_ops);
	if (err) {
		tws_sources_put(sources);
		return err;
	}
	((struct seq_file *)filp->private_data)->private = sources;
	return 0;
}

static int tws_sources_release(struct inode *inode, struct file *filp)
{
	struct seq_file *m = filp->private_data;

	tws_sources_put(m->private);
	return seq_release(inode, filp);
}

static const struct proc_ops tws_sources_proc_ops = {
	.proc_open	= tws_sources_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= tws_sources_release,
};

int tws_sources_proc_add(struct tws_net *tn)
{
	return proc_create_data(TWS_SOURCES_NAME, 0444, tn->net->proc_net,
				&tws_sources_proc_ops, tn) ? 0 : -ENOMEM;
}

void tws_sources_proc_remove(struct tws_net *tn)
{
	remove_proc_entry(TWS_SOURCES_NAME, tn->net->proc_net);
}
