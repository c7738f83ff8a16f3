// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs files with a line per row, of all namespaces: "all", the rows as in
 * /proc/net/tw_summary, and "ages", the age of their TIME_WAITs.
 *
 * The snapshots are taken when the file is opened.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "compute/ages.h"
#include "compute/gfp.h"
#include "compute/names.h"
#include "files.h"
#include "net.h"
#include "show.h"
#include "snapshot.h"

/**
 * struct tws_rows - the snapshots of all namespaces, end to end
 * @width:	of the column of local addresses
 * @current_snap:	snapshot that was last read from: reading goes forward
 * @before:	position of its first row
 * @cursor:	its row that was last read
 * @nr:		number of snapshots
 * @snaps:	the snapshots
 */
struct tws_rows {
	unsigned int width;
	int current_snap;
	u64 before;
	struct tws_row_cursor cursor;
	int nr;
	struct tws_snapshot *snaps[];
};

/* A row and the summary that it is of. */
struct tws_rows_at {
	const struct tws_summary *sum;
	const struct tws_row *row;
};

static void tws_rows_go_to(struct tws_rows *rows, int snap, u64 before)
{
	rows->current_snap = snap;
	rows->before = before;
	rows->cursor = (struct tws_row_cursor){};
}

/* Position 0 is the header; the rows of all snapshots follow. */
static bool tws_rows_find(struct tws_rows *rows, u64 pos,
			  struct tws_rows_at *at)
{
	if (pos < rows->before)
		tws_rows_go_to(rows, 0, 1);
	while (rows->current_snap < rows->nr) {
		at->sum = &rows->snaps[rows->current_snap]->summary;
		if (pos - rows->before < at->sum->table.nr) {
			at->row = tws_summary_row(at->sum,
						  pos - rows->before,
						  &rows->cursor);
			return true;
		}
		tws_rows_go_to(rows, rows->current_snap + 1,
			       rows->before + at->sum->table.nr);
	}
	return false;
}

/* The iterator's value is the position plus one, so that it is never NULL. */
static void *tws_rows_at_pos(struct seq_file *m, loff_t pos)
{
	struct tws_rows_at at;

	if (pos && !tws_rows_find(m->private, pos, &at))
		return NULL;
	return (void *)(unsigned long)(pos + 1);
}

static void *tws_rows_start(struct seq_file *m, loff_t *pos)
{
	return tws_rows_at_pos(m, *pos);
}

static void *tws_rows_next(struct seq_file *m, void *v, loff_t *pos)
{
	return tws_rows_at_pos(m, ++*pos);
}

static void tws_rows_stop(struct seq_file *m, void *v)
{
}

static int tws_all_show(struct seq_file *m, void *v)
{
	struct tws_rows *rows = m->private;
	struct tws_rows_at at;

	if (v == (void *)1) {
		seq_printf(m, "%-10s ", "netns");
		tws_show_columns(m, rows->width);
	} else if (tws_rows_find(rows, (unsigned long)v - 1, &at)) {
		seq_printf(m, "%-10u ", at.sum->netns);
		tws_show_row(m, rows->width, at.sum, at.row);
	}
	return 0;
}

/* The times of "expiring within", in seconds. */
static const unsigned int tws_within_s[] = { 1, 5, 15, 30, 60 };

static void tws_ages_header(struct seq_file *m, const struct tws_rows *rows)
{
	size_t i;

	seq_printf(m, "%-10s %6s", "netns", "tw");
	for (i = 0; i < ARRAY_SIZE(tws_within_s); i++)
		seq_printf(m, " in_%02us", tws_within_s[i]);
	seq_printf(m, "  %-*s  %s  %s\n", rows->width, "local", "remote",
		   "entered_0s_ago,1s,..59s");
}

static void tws_ages_row(struct seq_file *m, const struct tws_rows *rows,
			 const struct tws_rows_at *at)
{
	char local[TWS_NAME_MAX], remote[TWS_NAME_MAX];
	const struct tws_row *row = at->row;
	size_t i;

	if (row->key.dir != TWS_OUT)
		return;
	tws_local_name(local, &row->key, row->dev_name);
	tws_remote_name(remote, &row->key);
	seq_printf(m, "%-10u %6u", at->sum->netns,
		   row->count[TWS_STATE_TIME_WAIT]);
	for (i = 0; i < ARRAY_SIZE(tws_within_s); i++)
		seq_printf(m, " %6u",
			   tws_due_within(row->age, tws_within_s[i]));
	seq_printf(m, "  %-*s  %s  ", rows->width, local, remote);
	for (i = 0; i < TWS_AGE_BINS; i++)
		seq_printf(m, "%s%u", i ? "," : "", row->age[i]);
	seq_putc(m, '\n');
}

static int tws_ages_show(struct seq_file *m, void *v)
{
	struct tws_rows *rows = m->private;
	struct tws_rows_at at;

	if (v == (void *)1)
		tws_ages_header(m, rows);
	else if (tws_rows_find(rows, (unsigned long)v - 1, &at))
		tws_ages_row(m, rows, &at);
	return 0;
}

static const struct seq_operations tws_all_ops = {
	.start	= tws_rows_start,
	.next	= tws_rows_next,
	.stop	= tws_rows_stop,
	.show	= tws_all_show,
};

static const struct seq_operations tws_ages_ops = {
	.start	= tws_rows_start,
	.next	= tws_rows_next,
	.stop	= tws_rows_stop,
	.show	= tws_ages_show,
};

static void tws_rows_free(struct tws_rows *rows)
{
	int i;

	for (i = 0; i < rows->nr; i++) {
		tws_snapshot_unuse(rows->snaps[i]);
		tws_snapshot_put(rows->snaps[i]);
	}
	kfree(rows);
}

static int tws_rows_fill(struct tws_rows *rows, struct tws_net **nets, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		struct tws_snapshot *snap = tws_snapshot_get(nets[i]);

		if (IS_ERR(snap))
			return PTR_ERR(snap);
		/* They are in use as long as the file is open: only root opens it. */
		if (!tws_snapshot_use(snap)) {
			tws_snapshot_put(snap);
			return -EAGAIN;
		}
		rows->snaps[rows->nr++] = snap;
		rows->width = max(rows->width, snap->summary.local_width);
	}
	return 0;
}

static struct tws_rows *tws_rows_take(void)
{
	struct tws_rows *rows;
	struct tws_net **nets;
	int nr, err = -ENOMEM;

	nr = tws_nets_get(&nets);
	if (nr < 0)
		return ERR_PTR(nr);
	rows = kzalloc(struct_size(rows, snaps, nr), TWS_GFP);
	if (rows) {
		tws_rows_go_to(rows, 0, 1);
		err = tws_rows_fill(rows, nets, nr);
		if (err)
			tws_rows_free(rows);
	}
	tws_nets_put(nets, nr);
	return err ? ERR_PTR(err) : rows;
}

static int tws_rows_open(struct file *filp, const struct seq_operations *ops)
{
	struct tws_rows *rows = tws_rows_take();
	int err;

	if (IS_ERR(rows))
		return PTR_ERR(rows);
	err = seq_open(filp, ops);
	if (err) {
		tws_rows_free(rows);
		return err;
	}
	((struct seq_file *)filp->private_data)->private = rows;
	return 0;
}

static int tws_all_open(struct inode *inode, struct file *filp)
{
	return tws_rows_open(filp, &tws_all_ops);
}

static int tws_ages_open(struct inode *inode, struct file *filp)
{
	return tws_rows_open(filp, &tws_ages_ops);
}

static int tws_rows_release(struct inode *inode, struct file *filp)
{
	struct seq_file *m = filp->private_data;

	tws_rows_free(m->private);
	return seq_release(inode, filp);
}

static const struct file_operations tws_debug_all_fops = {
	.owner		= THIS_MODULE,
	.open		= tws_all_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= tws_rows_release,
};

static const struct file_operations tws_debug_ages_fops = {
	.owner		= THIS_MODULE,
	.open		= tws_ages_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= tws_rows_release,
};

void tws_debug_rows_add(struct dentry *dir)
{
	debugfs_create_file("all", 0444, dir, NULL, &tws_debug_all_fops);
	debugfs_create_file("ages", 0444, dir, NULL, &tws_debug_ages_fops);
}
