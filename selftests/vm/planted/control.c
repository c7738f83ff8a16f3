// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control: does what the planted bugs do, the right way. A harness that
 * cries wolf at this one proves nothing with the others.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define SIZE	1000

struct kept {
	struct kept *next;
};

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static struct kept *head;
static int number = 1;
static int __rcu *shared = (int __rcu __force *)&number;

static void keep(struct work_struct *work)
{
	struct kept *p;
	int i;

	for (i = 0; i < 32; i++) {
		p = kzalloc(SIZE, GFP_KERNEL);
		if (!p)
			return;
		p->next = head;
		head = p;
	}
}

static DECLARE_WORK(keep_work, keep);

static int __init control_init(void)
{
	u8 *p;
	int i;

	schedule_work(&keep_work);
	flush_work(&keep_work);
	for (i = 0; i < 2; i++) {
		spin_lock_bh(&first);
		spin_lock(&second);
		p = kmalloc(100, GFP_ATOMIC);
		spin_unlock(&second);
		spin_unlock_bh(&first);
		if (p)
			p[99] = 1;
		kfree(p);
	}
	rcu_read_lock();
	i = *rcu_dereference(shared);
	rcu_read_unlock();
	return i != 1;
}
module_init(control_init);

static void __exit control_exit(void)
{
	struct kept *p;

	while ((p = head)) {
		head = p->next;
		kfree(p);
	}
}
module_exit(control_exit);

MODULE_DESCRIPTION("Planted: no bug");
MODULE_LICENSE("GPL");
