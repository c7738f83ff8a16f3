// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/tw_callers: which programs connect, and which of them find no port. An open
 * file shows what open() found. Names of programs are nobody else's business: opening it
 * takes CAP_NET_ADMIN.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "calls.h"
#include "compat/proc.h"
#include "compute/callertable.h"
#include "failures.h"
#include "files.h"
#include "net.h"
#include "settings.h"
#include "show.h"

#define TWS_CALLERS_NAME	"tw_callers"

/**
 * struct tws_callers_file - an open file
 * @tn:		its namespace; the file holds a reference
 * @pid_ns:	the pid namespace of who opened it, see tws_pid_ns_id()
 * @cgroups:	cgroup v2 was in use
 * @now_s:	when it was opened
 * @rows:	how many rows
 * @head:	what stands above them
 * @list:	the rows, struct tws_caller_copy
 */
struct tws_callers_file {
	struct tws_net *tn;
	u32 pid_ns;
	bool cgroups;
	u32 now_s;
	u32 rows;
	struct tws_callers_head head;
	struct list_head list;
};

static void *tws_callers_start(struct seq_file *m, loff_t *pos)
{
	struct tws_callers_file *file = m->private;

	return seq_list_start_head(&file->list, *pos);
}

static void *tws_callers_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct tws_callers_file *file = m->private;

	return seq_list_next(v, &file->list, pos);
}

static void tws_callers_stop(struct seq_file *m, void *v)
{
}

static void tws_callers_row(struct seq_file *m,
			    const struct tws_callers_file *file,
			    const struct tws_caller *caller)
{
	char dev_name[IFNAMSIZ];

	tws_device_name(dev_name, file->tn->net, caller->key.pair.dev);
	tws_callers_show_row(m, caller, tws_caller_pid(caller, file->pid_ns),
			     file->cgroups, file->now_s, dev_name);
}

static int tws_callers_show(struct seq_file *m, void *v)
{
	const struct tws_callers_file *file = m->private;

	if (v == &file->list) {
		tws_callers_show_header(m, &file->head, file->rows);
		tws_callers_show_columns(m);
	} else {
		tws_callers_row(m, file, &list_entry(v, struct tws_caller_copy,
						     list)->caller);
	}
	return 0;
}

static const struct seq_operations tws_callers_ops = {
	.start	= tws_callers_start,
	.next	= tws_callers_next,
	.stop	= tws_callers_stop,
	.show	= tws_callers_show,
};

/* Without a mount of it, every process is in its root, which says nothing. */
static bool tws_cgroup2_is_mounted(void)
{
	struct file_system_type *type = get_fs_type("cgroup2");
	bool mounted;

	if (!type)
		return false;
	mounted = !hlist_empty(&type->fs_supers);
	module_put(type->owner);
	return mounted;
}

static int tws_callers_fill(struct tws_callers_file *file)
{
	struct tws_calls_state calls;
	struct tws_caller_copy *copy;
	int err;

	tws_calls_get(&calls);
	file->head.netns = file->tn->net->ns.inum;
	file->head.known = calls.on;
	file->head.one_in = calls.one_in;
	file->head.missed = calls.missed;
	rcu_read_lock();
	file->pid_ns = tws_pid_ns_id(task_active_pid_ns(current));
	rcu_read_unlock();
	file->cgroups = tws_cgroup2_is_mounted();
	err = tws_callertable_list(&file->tn->callers, &file->list,
				   &file->head.forgotten);
	/* Later than all of them. */
	file->now_s = tws_calls_now_s();
	list_for_each_entry(copy, &file->list, list)
		file->rows++;
	return err;
}

static int tws_callers_release(struct inode *inode, struct file *filp)
{
	struct seq_file *m = filp->private_data;
	struct tws_callers_file *file = m->private;

	tws_callertable_unlist(&file->list);
	put_net(file->tn->net);
	return seq_release_private(inode, filp);
}

static int tws_callers_open(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);
	struct tws_callers_file *file;
	int err;

	if (!file_ns_capable(filp, tn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (!maybe_get_net(tn->net))
		return -ENXIO;
	file = __seq_open_private(filp, &tws_callers_ops, sizeof(*file));
	if (!file) {
		put_net(tn->net);
		return -ENOMEM;
	}
	file->tn = tn;
	INIT_LIST_HEAD(&file->list);
	err = tws_callers_fill(file);
	if (err)
		tws_callers_release(inode, filp);
	return err;
}

static const struct proc_ops tws_callers_proc_ops = {
	.proc_open	= tws_callers_open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= tws_callers_release,
};

int tws_callers_proc_add(struct tws_net *tn)
{
	return proc_create_data(TWS_CALLERS_NAME, 0400, tn->net->proc_net,
				&tws_callers_proc_ops, tn) ? 0 : -ENOMEM;
}

void tws_callers_proc_remove(struct tws_net *tn)
{
	remove_proc_entry(TWS_CALLERS_NAME, tn->net->proc_net);
}
