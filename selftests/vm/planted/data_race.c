// SPDX-License-Identifier: GPL-2.0-only
/* Planted: two threads count in the same plain variable. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>

#define THREADS	2

static struct task_struct *threads[THREADS];
static unsigned int counter;

static int data_race_count(void *arg)
{
	while (!kthread_should_stop()) {
		unsigned int i;

		for (i = 0; i < 1000; i++) {
			counter++;
			barrier();
		}
		cond_resched();
	}
	return 0;
}

static int __init data_race_init(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		threads[i] = kthread_create(data_race_count, NULL, "data_race");
		if (IS_ERR(threads[i]))
			return PTR_ERR(threads[i]);
		kthread_bind(threads[i], i % num_online_cpus());
		wake_up_process(threads[i]);
	}
	msleep(3000);
	return 0;
}
module_init(data_race_init);

static void __exit data_race_exit(void)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		kthread_stop(threads[i]);
}
module_exit(data_race_exit);

MODULE_DESCRIPTION("Planted bug: a data race");
MODULE_LICENSE("GPL");
