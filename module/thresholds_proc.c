// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/net/tw_thresholds: the rules of a namespace. A write has one line or
 * more. If one of them is wrong, none is applied, and the log has the reason.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "compat/proc.h"
#include "net.h"
#include "compute/rules.h"
#include "thresholds_proc.h"

#define TWS_RULES_NAME	"tw_thresholds"
/* Longest write: as many rules as there can be. */
#define TWS_RULES_WRITE	(TWS_MAX_RULES * (TWS_RULE_LINE + 1))

static int tws_rules_show(struct seq_file *m, void *v)
{
	struct tws_net *tn = m->private;
	char line[TWS_RULE_LINE];
	unsigned int i;

	mutex_lock(&tn->thresholds.lock);
	for (i = 0; tn->thresholds.rules && i < tn->thresholds.rules->nr; i++) {
		tws_rule_write(line, sizeof(line),
			       &tn->thresholds.rules->rule[i]);
		seq_printf(m, "%s\n", line);
	}
	mutex_unlock(&tn->thresholds.lock);
	return 0;
}

static void tws_rules_complain(const char *line, size_t len, const char *why)
{
	pr_notice_ratelimited(TWS_RULES_NAME ": %s: \"%*pE\"\n", why,
			      (int)min_t(size_t, len, TWS_RULE_LINE), line);
}

/* Apply all lines to @rules, a copy. */
static int tws_rules_lines(struct tws_rules *rules, const char *text)
{
	while (*text) {
		const size_t len = strchrnul(text, '\n') - text;
		struct tws_rule_line line;
		const char *why = tws_rule_parse(&line, text, len);

		if (!why)
			why = tws_rules_apply(rules, &line);
		if (why) {
			tws_rules_complain(text, len, why);
			return -EINVAL;
		}
		text += len;
		if (*text)
			text++;
	}
	return 0;
}

static int tws_rules_do(struct tws_net_thresholds *thresholds, const char *text)
{
	struct tws_rules *rules;
	int err;

	rules = kvzalloc(sizeof(*rules), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return -ENOMEM;
	mutex_lock(&thresholds->lock);
	if (thresholds->rules)
		*rules = *thresholds->rules;
	err = tws_rules_lines(rules, text);
	if (!err)
		swap(rules, thresholds->rules);
	if (thresholds->rules && !thresholds->rules->nr) {
		kvfree(thresholds->rules);
		thresholds->rules = NULL;
	}
	mutex_unlock(&thresholds->lock);
	kvfree(rules);
	return err;
}

static ssize_t tws_rules_proc_write(struct file *filp, const char __user *buf,
				    size_t count, loff_t *pos)
{
	struct tws_net *tn = pde_data(file_inode(filp));
	char *text;
	int err;

	if (!file_ns_capable(filp, tn->net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (count > TWS_RULES_WRITE) {
		pr_notice_ratelimited(TWS_RULES_NAME ": a write is too long\n");
		return -EINVAL;
	}
	text = memdup_user_nul(buf, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (memchr(text, '\0', count)) {
		tws_rules_complain(text, count, "a byte is zero");
		err = -EINVAL;
	} else {
		err = tws_rules_do(&tn->thresholds, text);
	}
	kfree(text);
	if (err)
		return err;
	*pos += count;
	return count;
}

static int tws_rules_proc_open(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);
	int err;

	if (!maybe_get_net(tn->net))
		return -ENXIO;
	err = single_open(filp, tws_rules_show, tn);
	if (err)
		put_net(tn->net);
	return err;
}

static int tws_rules_proc_release(struct inode *inode, struct file *filp)
{
	struct tws_net *tn = pde_data(inode);

	put_net(tn->net);
	return single_release(inode, filp);
}

static const struct proc_ops tws_rules_proc_ops = {
	.proc_open	= tws_rules_proc_open,
	.proc_read_iter	= seq_read_iter,
	.proc_write	= tws_rules_proc_write,
	.proc_lseek	= seq_lseek,
	.proc_release	= tws_rules_proc_release,
};

/**
 * tws_thresholds_proc_add() - make the file of a namespace
 * @tn:	the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int tws_thresholds_proc_add(struct tws_net *tn)
{
	return proc_create_data(TWS_RULES_NAME, 0644, tn->net->proc_net,
				&tws_rules_proc_ops, tn) ? 0 : -ENOMEM;
}

/**
 * tws_thresholds_proc_remove() - remove the file of a namespace
 * @tn:	the namespace
 *
 * Waits for reads and writes that are running.
 */
void tws_thresholds_proc_remove(struct tws_net *tn)
{
	remove_proc_entry(TWS_RULES_NAME, tn->net->proc_net);
}
