// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/tw_thresholds: the rules of a namespace. A write has one line or
 * more. If one of them is wrong, none is applied, and the next read of the same
 * open file begins with the reason.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "compat/proc.h"
#include "compute/rules.h"
#include "files.h"
#include "net.h"
#include "thresholds.h"

#define TWS_RULES_NAME	"tw_thresholds"
/* Longest write: as many rules as there can be. */
#define TWS_RULES_WRITE	(TWS_MAX_RULES * (TWS_RULE_LINE + 1))

/**
 * struct tws_refusal - why a write was refused
 * @reason:	a constant text; NULL if the last write was not refused
 * @line:	number of the line that was wrong, from 1
 */
struct tws_refusal {
	const char *reason;
	unsigned int line;
};

/**
 * struct tws_rules_file - an open file
 * @tn:		its namespace; the file holds a reference
 * @lock:	guards @refusal
 * @refusal:	of the last write to this open file
 */
struct tws_rules_file {
	struct tws_net *tn;
	spinlock_t lock;	/* guards @refusal */
	struct tws_refusal refusal;
};

static void tws_rules_show_refusal(struct seq_file *m,
				   struct tws_rules_file *file)
{
	struct tws_refusal refusal;

	spin_lock(&file->lock);
	refusal = file->refusal;
	spin_unlock(&file->lock);
	if (refusal.reason)
		seq_printf(m, "# error %u: %s\n", refusal.line, refusal.reason);
}

static int tws_rules_show(struct seq_file *m, void *v)
{
	struct tws_rules_file *file = m->private;
	struct tws_thresholds_view view;
	char line[TWS_RULE_LINE];
	unsigned int i;

	tws_rules_show_refusal(m, file);
	tws_thresholds_view_get(&view, &file->tn->thresholds);
	for (i = 0; view.rules && i < view.rules->rules.nr; i++) {
		tws_rule_write(line, sizeof(line), &view.rules->rules.rule[i]);
		seq_printf(m, "%s\n", line);
	}
	tws_thresholds_view_put(&view);
	return 0;
}

/* Apply all lines to @rules, a copy. Return false if one of them is wrong. */
static bool tws_rules_lines(struct tws_rules *rules, const char *text,
			    struct tws_refusal *refusal)
{
	while (*text) {
		const size_t len = strchrnul(text, '\n') - text;
		struct tws_rule_line line;

		refusal->line++;
		refusal->reason = tws_rule_parse(&line, text, len) ?:
				  tws_rules_apply(rules, &line);
		if (refusal->reason)
			return false;
		text += len;
		if (*text)
			text++;
	}
	return true;
}

static int tws_rules_do(struct tws_net_thresholds *thresholds, const char *text,
			struct tws_refusal *refusal)
{
	struct tws_shared_rules *rules;
	int err = -EINVAL;

	rules = kvzalloc(sizeof(*rules), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return -ENOMEM;
	refcount_set(&rules->refs, 1);
	mutex_lock(&thresholds->write);
	if (thresholds->rules)
		rules->rules = thresholds->rules->rules;
	if (tws_rules_lines(&rules->rules, text, refusal)) {
		if (!rules->rules.nr) {
			kvfree(rules);
			rules = NULL;
		}
		tws_net_thresholds_replace(thresholds, rules);
		rules = NULL;
		err = 0;
	}
	mutex_unlock(&thresholds->write);
	kvfree(rules);
	return err;
}

/* Lines before the first byte that is zero. */
static unsigned int tws_lines_before(const char *text)
{
	unsigned int lines = 1;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static int tws_rules_copy(struct tws_net_thresholds *thresholds,
			  const char __user *buf, size_t count,
			  struct tws_refusal *refusal)
{
	char *text;
	int err;

	if (count > TWS_RULES_WRITE) {
		refusal->reason = "the write is too long";
		return -EINVAL;
	}
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (memchr(text, '\0', count)) {
		refusal->line = tws_lines_before(text);
		refusal->reason = "a byte is zero";
		err = -EINVAL;
	} else {
		err = tws_rules_do(thresholds, text, refusal);
	}
	kfree(text);
	return err;
}

static ssize_t tws_rules_proc_write(struct file *filp, const char __user *buf,
				    size_t count, loff_t *pos)
{
	struct seq_file *m = filp->private_data;
	struct tws_rules_file *file = m->private;
	struct tws_net *tn = file->tn;
	struct tws_refusal refusal = {};
	int err;

	if (!file_ns_capable(filp, tn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	err = tws_rules_copy(&tn->thresholds, buf, count, &refusal);
	spin_lock(&file->lock);
	file->refusal = refusal;
	spin_unlock(&file->lock);
	if (err)
		return err;
	*pos += count;
	return count;
}

static int tws_rules_proc_open(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);
	struct tws_rules_file *file;
	int err = -ENOMEM;

	if (!maybe_get_net(tn->net))
		return -ENXIO;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (file) {
		file->tn = tn;
		spin_lock_init(&file->lock);
		err = single_open(filp, tws_rules_show, file);
	}
	if (err) {
		kfree(file);
		put_net(tn->net);
	}
	return err;
}

static int tws_rules_proc_release(struct inode *inode, struct file *filp)
{
	struct seq_file *m = filp->private_data;
	struct tws_rules_file *file = m->private;

	put_net(file->tn->net);
	kfree(file);
	return single_release(inode, filp);
}

static const struct proc_ops tws_rules_proc_ops = {
	.proc_open	= tws_rules_proc_open,
	.proc_read_iter	= seq_read_iter,
	.proc_write	= tws_rules_proc_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= tws_rules_proc_release,
};

int tws_thresholds_proc_add(struct tws_net *tn)
{
	return proc_create_data(TWS_RULES_NAME, 0644, tn->net->proc_net,
				&tws_rules_proc_ops, tn) ? 0 : -ENOMEM;
}

void tws_thresholds_proc_remove(struct tws_net *tn)
{
	remove_proc_entry(TWS_RULES_NAME, tn->net->proc_net);
}
