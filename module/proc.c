// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/tw_summary. An open file shows one snapshot, in reads of any size.
 * A read from offset 0 shows the newest one (a new one, if that is older than cache_ms), but
 * the first read shows the one of open(), unless the monitor has found a change since.
 *
 * seq_file alone cannot do this: it also restarts its iterator when it seeks or
 * enlarges its buffer. So the read function checks the offset, and the iterator
 * only indexes the rows of the snapshot.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "compat/module.h"
#include "compat/proc.h"
#include "files.h"
#include "net.h"
#include "show.h"
#include "snapshot.h"

#define TWS_PROC_NAME	"tw_summary"

/**
 * struct tws_file - an open file
 * @tn:		its namespace; the file holds a reference
 * @lock:	guards what follows: several processes may read the open file
 * @snap:	the snapshot that it shows
 * @cursor:	the row that was shown last
 * @age_ms:	age of @snap when the file got it. It is kept, because a header
 *		that is printed again must have the same length.
 * @read:	there has been a read
 * @seen:	number of changes of a level when the file got @snap
 * @pinned:	bit 0: the file has been polled and holds a reference to the
 *		module. A poller waits in memory of the module.
 */
struct tws_file {
	struct tws_net *tn;
	struct mutex lock;	/* guards what follows */
	struct tws_snapshot *snap;
	struct tws_row_cursor cursor;
	u64 age_ms;
	bool read;
	int seen;
	unsigned long pinned;
};

static int tws_file_refresh(struct tws_file *file)
{
	const int changes = atomic_read(&file->tn->monitor.changes);
	struct tws_snapshot *snap = tws_snapshot_get(file->tn);

	/* The namespace or the module goes: fail as procfs does once its file is removed. */
	if (IS_ERR(snap))
		return READ_ONCE(file->tn->closing) ? -EIO : PTR_ERR(snap);
	tws_snapshot_put(file->snap);
	file->snap = snap;
	file->cursor = (struct tws_row_cursor){};
	WRITE_ONCE(file->seen, changes);
	file->age_ms = ktime_ms_delta(ktime_get(), snap->cached.taken);
	return 0;
}

/*
 * The first read shows the snapshot that open() took, unless a level has
 * changed since: a reader woken by poll() must see that change.
 */
static bool tws_file_is_stale(const struct tws_file *file)
{
	return file->read ||
	       atomic_read(&file->tn->monitor.changes) != file->seen;
}

/* Position 0 is the header, n is row n - 1. */
static void *tws_seq_at(struct tws_file *file, loff_t pos)
{
	if (pos == 0)
		return SEQ_START_TOKEN;
	return (void *)tws_summary_row(&file->snap->summary, min_t(u64, pos - 1, U32_MAX),
				       &file->cursor);
}

/*
 * Get ready to look at rows, from an offset on. The lock is held. The rows may be gone if
 * the file was left open for long (snapshot.c): from the start on a new snapshot is as good.
 */
static int tws_file_begin(struct tws_file *file, loff_t pos)
{
	const bool fresh = pos == 0 && tws_file_is_stale(file);
	int err;

	if (!fresh && tws_snapshot_use(file->snap))
		return 0;
	if (pos)
		return -ESTALE;
	err = tws_file_refresh(file);
	if (err)
		return err;
	return tws_snapshot_use(file->snap) ? 0 : -ESTALE;
}

static void *tws_seq_start(struct seq_file *m, loff_t *pos)
{
	return tws_seq_at(m->private, *pos);
}

static void *tws_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	return tws_seq_at(m->private, ++*pos);
}

static void tws_seq_stop(struct seq_file *m, void *v)
{
}

static int tws_seq_show(struct seq_file *m, void *v)
{
	const struct tws_file *file = m->private;
	const struct tws_summary *sum = &file->snap->summary;

	if (v == SEQ_START_TOKEN) {
		tws_show_header(m, sum, file->age_ms);
		tws_show_columns(m, sum->local_width);
	} else {
		tws_show_row(m, sum->local_width, sum, v);
	}
	return 0;
}

static const struct seq_operations tws_seq_ops = {
	.start	= tws_seq_start,
	.next	= tws_seq_next,
	.stop	= tws_seq_stop,
	.show	= tws_seq_show,
};

static ssize_t tws_proc_read_iter(struct kiocb *iocb, struct iov_iter *iter)
{
	struct seq_file *m = iocb->ki_filp->private_data;
	struct tws_file *file = m->private;
	ssize_t ret;

	ret = mutex_lock_killable(&file->lock);
	if (ret)
		return ret;
	ret = tws_file_begin(file, iocb->ki_pos);
	if (!ret) {
		file->read = true;
		ret = seq_read_iter(iocb, iter);
		tws_snapshot_unuse(file->snap);
	}
	mutex_unlock(&file->lock);
	return ret;
}

/* A poller waits in memory of the module, so it holds a reference to it. */
static bool tws_file_pin(struct tws_file *file)
{
	if (test_bit(0, &file->pinned))
		return true;
	if (!tws_module_get())
		return false;
	/* Somebody else's reference to the same file is enough. */
	if (test_and_set_bit(0, &file->pinned))
		tws_module_put();
	return true;
}

static __poll_t tws_proc_poll(struct file *filp, poll_table *wait)
{
	struct seq_file *m = filp->private_data;
	struct tws_file *file = m->private;
	struct tws_monitor *monitor = &file->tn->monitor;
	__poll_t events = EPOLLIN | EPOLLRDNORM;

	if (!tws_file_pin(file))
		return EPOLLERR;	/* the module is going, or not there yet */
	poll_wait(filp, &monitor->wait, wait);
	if (atomic_read(&monitor->changes) != READ_ONCE(file->seen))
		events |= EPOLLPRI | EPOLLERR;
	return events;
}

/*
 * seq_lseek() prints up to the offset: @snap must not change meanwhile. It prints nothing
 * to go to the start, or to stay (seq_file.c:traverse(), seq_lseek()).
 */
static bool tws_seek_prints(const struct file *filp, const struct seq_file *m,
			    loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += filp->f_pos;
	return offset && offset != m->read_pos;
}

static loff_t tws_proc_lseek(struct file *filp, loff_t offset, int whence)
{
	struct seq_file *m = filp->private_data;
	struct tws_file *file = m->private;
	loff_t ret;
	bool used;

	ret = mutex_lock_killable(&file->lock);
	if (ret)
		return ret;
	used = tws_snapshot_use(file->snap);
	ret = used || !tws_seek_prints(filp, m, offset, whence) ?
	      seq_lseek(filp, offset, whence) : -ESTALE;
	if (used)
		tws_snapshot_unuse(file->snap);
	mutex_unlock(&file->lock);
	return ret;
}

static int tws_proc_release(struct inode *inode, struct file *filp)
{
	struct seq_file *m = filp->private_data;
	struct tws_file *file = m->private;

	tws_snapshot_put(file->snap);
	put_net(file->tn->net);
	if (test_bit(0, &file->pinned))
		tws_module_put();
	return seq_release_private(inode, filp);
}

static int tws_proc_open(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);
	struct tws_file *file;
	int err;

	if (!maybe_get_net(tn->net))
		return -ENXIO;
	file = __seq_open_private(filp, &tws_seq_ops, sizeof(*file));
	if (!file) {
		put_net(tn->net);
		return -ENOMEM;
	}
	file->tn = tn;
	mutex_init(&file->lock);
	err = tws_file_refresh(file);
	if (err)
		tws_proc_release(inode, filp);
	return err;
}

static const struct proc_ops tws_proc_ops = {
	.proc_open	= tws_proc_open,
	.proc_read_iter	= tws_proc_read_iter,
	.proc_lseek	= tws_proc_lseek,
	.proc_poll	= tws_proc_poll,
	.proc_release	= tws_proc_release,
};

int tws_proc_add(struct tws_net *tn)
{
	return proc_create_data(TWS_PROC_NAME, 0444, tn->net->proc_net,
				&tws_proc_ops, tn) ? 0 : -ENOMEM;
}

/**
 * tws_proc_remove() - remove the file of a namespace
 * @tn:	the namespace
 *
 * Waits for reads that are running. Open files are released: later reads of
 * them fail with EIO.
 */
void tws_proc_remove(struct tws_net *tn)
{
	remove_proc_entry(TWS_PROC_NAME, tn->net->proc_net);
}
