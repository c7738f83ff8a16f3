// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.*: when to warn is for each namespace to say. What a look may
 * cost is for the initial namespace to say: the others see it and can't change
 * it, and can't have a monitor that looks more often than monitor_floor_ms.
 */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/sysctl.h"
#include "monitor.h"
#include "net.h"
#include "sysctl.h"

#define TWS_SYSCTL_PATH		"net/tw_summary"
#define TWS_MONITOR_MIN_MS	100u
#define TWS_MONITOR_MAX_MS	3600000u

static unsigned int tws_max_rows_setting = 4096;
static unsigned int tws_max_rows_min = 1;
static unsigned int tws_max_rows_max = 1u << 20;

static unsigned int tws_cache_ms_setting = 100;
static unsigned int tws_cache_ms_min;
static unsigned int tws_cache_ms_max = 3600000;

static unsigned int tws_floor_ms_setting = 1000;
static unsigned int tws_floor_ms_min = TWS_MONITOR_MIN_MS;
static unsigned int tws_floor_ms_max = TWS_MONITOR_MAX_MS;

/* One switches a monitor at a time. */
static DEFINE_MUTEX(tws_monitor_lock);

/* Read or write a value that is not in its place until it is known to be good. */
static int tws_value(tws_ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos, u32 *value, u32 min, u32 max)
{
	struct ctl_table copy = {
		.procname	= table->procname,
		.data		= value,
		.maxlen		= sizeof(*value),
		.mode		= table->mode,
		.extra1		= &min,
		.extra2		= &max,
	};

	return proc_douintvec_minmax(&copy, write, buffer, lenp, ppos);
}

/* warn_percent and crit_percent: warn is never above crit. */
static int tws_do_percent(tws_ctl_table *table, int write, void *buffer,
			  size_t *lenp, loff_t *ppos)
{
	struct tws_net *tn = table->extra1;
	struct tws_limits *limits = &tn->limits;
	u32 *setting = table->data, value;
	int err;

	mutex_lock(&limits->lock);
	value = *setting;
	err = tws_value(table, write, buffer, lenp, ppos, &value, 1, 100);
	if (!err && write) {
		struct tws_thresholds th = limits->th;

		*(setting == &limits->th.warn ? &th.warn : &th.crit) = value;
		if (th.warn <= th.crit)
			limits->th = th;
		else
			err = -EINVAL;
	}
	mutex_unlock(&limits->lock);
	return err;
}

/* monitor_interval_ms: 0, or a time within bounds. */
static int tws_do_interval(tws_ctl_table *table, int write, void *buffer,
			   size_t *lenp, loff_t *ppos)
{
	struct tws_net *tn = table->extra1;
	u32 value;
	int err;

	mutex_lock(&tws_monitor_lock);
	value = tn->monitor.interval_ms;
	err = tws_value(table, write, buffer, lenp, ppos, &value, 0,
			TWS_MONITOR_MAX_MS);
	if (!err && write) {
		if (!value || value >= tws_monitor_floor_ms(tn->net))
			tws_monitor_set(tn, value);
		else
			err = -EINVAL;
	}
	mutex_unlock(&tws_monitor_lock);
	return err;
}

/* The places of what belongs to one namespace. */
enum {
	TWS_CTL_WARN,
	TWS_CTL_CRIT,
	TWS_CTL_HYSTERESIS,
	TWS_CTL_INTERVAL,
	TWS_CTL_COSTS,		/* from here on: the initial namespace's */
};

static const unsigned int tws_percent_min;
static const unsigned int tws_percent_max = 100;

static const struct ctl_table tws_template[] = {
	[TWS_CTL_WARN] = {
		.procname	= "warn_percent",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= tws_do_percent,
	},
	[TWS_CTL_CRIT] = {
		.procname	= "crit_percent",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= tws_do_percent,
	},
	[TWS_CTL_HYSTERESIS] = {
		.procname	= "hysteresis_percent",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= (void *)&tws_percent_min,
		.extra2		= (void *)&tws_percent_max,
	},
	[TWS_CTL_INTERVAL] = {
		.procname	= "monitor_interval_ms",
		.maxlen		= sizeof(u32),
		.mode		= 0644,
		.proc_handler	= tws_do_interval,
	},
	[TWS_CTL_COSTS] = {
		.procname	= "monitor_floor_ms",
		.data		= &tws_floor_ms_setting,
		.maxlen		= sizeof(tws_floor_ms_setting),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_floor_ms_min,
		.extra2		= &tws_floor_ms_max,
	},
	{
		.procname	= "max_rows",
		.data		= &tws_max_rows_setting,
		.maxlen		= sizeof(tws_max_rows_setting),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_max_rows_min,
		.extra2		= &tws_max_rows_max,
	},
	{
		.procname	= "cache_ms",
		.data		= &tws_cache_ms_setting,
		.maxlen		= sizeof(tws_cache_ms_setting),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_cache_ms_min,
		.extra2		= &tws_cache_ms_max,
	},
	{ }
};

#define TWS_NR_CTLS	(ARRAY_SIZE(tws_template) - 1)

/**
 * tws_max_rows() - how many rows a snapshot may have
 */
u32 tws_max_rows(void)
{
	return READ_ONCE(tws_max_rows_setting);
}

/**
 * tws_cache_ms() - how old a snapshot may be that readers share, milliseconds
 */
u32 tws_cache_ms(void)
{
	return READ_ONCE(tws_cache_ms_setting);
}

/**
 * tws_monitor_floor_ms() - the shortest interval of a namespace's monitor
 * @net:	the namespace
 */
u32 tws_monitor_floor_ms(const struct net *net)
{
	return net_eq(net, &init_net) ? TWS_MONITOR_MIN_MS :
					READ_ONCE(tws_floor_ms_setting);
}

/**
 * tws_sysctl_add() - make the sysctls of a namespace
 * @tn:	the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int tws_sysctl_add(struct tws_net *tn)
{
	struct ctl_table *table;
	size_t i;

	table = kmemdup(tws_template, sizeof(tws_template), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	table[TWS_CTL_WARN].data = &tn->limits.th.warn;
	table[TWS_CTL_WARN].extra1 = tn;
	table[TWS_CTL_CRIT].data = &tn->limits.th.crit;
	table[TWS_CTL_CRIT].extra1 = tn;
	table[TWS_CTL_HYSTERESIS].data = &tn->limits.hysteresis;
	table[TWS_CTL_INTERVAL].data = &tn->monitor.interval_ms;
	table[TWS_CTL_INTERVAL].extra1 = tn;
	if (!net_eq(tn->net, &init_net))
		for (i = TWS_CTL_COSTS; i < TWS_NR_CTLS; i++)
			table[i].mode = 0444;
	tn->sysctl = tws_compat_register_net_sysctl(tn->net, TWS_SYSCTL_PATH,
						    table, TWS_NR_CTLS);
	if (!tn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * tws_sysctl_remove() - remove the sysctls of a namespace
 * @tn:	the namespace
 *
 * Waits for those who read or write one.
 */
void tws_sysctl_remove(struct tws_net *tn)
{
	const struct ctl_table *table = tn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(tn->sysctl);
	kfree(table);
}
