// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.*: each namespace sets its own thresholds and monitor. Only
 * the initial namespace can set what limits the cost (struct tws_shared): the others can
 * read these values, and their monitors keep to them.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/sysctl.h"
#include "files.h"
#include "net.h"
#include "settings.h"

#define TWS_SYSCTL_PATH		"net/tw_summary"

static unsigned int tws_max_rows_min = 1;
static unsigned int tws_max_rows_max = 1u << 20;

static unsigned int tws_cache_ms_min;
static unsigned int tws_cache_ms_max = 3600000;

static unsigned int tws_floor_ms_min = TWS_MONITOR_MIN_MS;
static unsigned int tws_floor_ms_max = TWS_MONITOR_MAX_MS;

static unsigned int tws_budget_min = 1;
static unsigned int tws_budget_max = 100;

/* Read or write @value, a copy of the setting: the caller checks it first. */
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
	struct tws_net_thresholds *thresholds = &tn->thresholds;
	u32 *setting = table->data, value = READ_ONCE(*setting);
	int err = tws_value(table, write, buffer, lenp, ppos, &value, 1, 100);

	if (err || !write)
		return err;
	return tws_net_thresholds_set(thresholds, setting, value);
}

/* monitor_interval_ms: 0, or a time within bounds. */
static int tws_do_interval(tws_ctl_table *table, int write, void *buffer,
			   size_t *lenp, loff_t *ppos)
{
	struct tws_net *tn = table->extra1;
	u32 value = READ_ONCE(tn->monitor.interval_ms);
	int err = tws_value(table, write, buffer, lenp, ppos, &value, 0,
			    TWS_MONITOR_MAX_MS);

	if (err || !write)
		return err;
	if (value && value < tws_monitor_floor_ms(tn->net))
		return -EINVAL;
	return tws_monitor_set(tn, value);
}

/* Indexes of the sysctls that each namespace has for itself. */
enum {
	TWS_CTL_WARN,
	TWS_CTL_CRIT,
	TWS_CTL_HYSTERESIS,
	TWS_CTL_INTERVAL,
	TWS_CTL_LATE,
	TWS_CTL_SHARED,		/* from here on: struct tws_shared */
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
	[TWS_CTL_LATE] = {
		.procname	= "monitor_late_ms",
		.maxlen		= sizeof(u32),
		.mode		= 0444,
		.proc_handler	= proc_douintvec,
	},
	[TWS_CTL_SHARED] = {
		.procname	= "monitor_floor_ms",
		.data		= &tws_shared.monitor_floor_ms,
		.maxlen		= sizeof(tws_shared.monitor_floor_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_floor_ms_min,
		.extra2		= &tws_floor_ms_max,
	},
	{
		.procname	= "monitor_budget_percent",
		.data		= &tws_shared.monitor_budget,
		.maxlen		= sizeof(tws_shared.monitor_budget),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_budget_min,
		.extra2		= &tws_budget_max,
	},
	{
		.procname	= "max_rows",
		.data		= &tws_shared.max_rows,
		.maxlen		= sizeof(tws_shared.max_rows),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_max_rows_min,
		.extra2		= &tws_max_rows_max,
	},
	{
		.procname	= "cache_ms",
		.data		= &tws_shared.cache_ms,
		.maxlen		= sizeof(tws_shared.cache_ms),
		.mode		= 0644,
		.proc_handler	= proc_douintvec_minmax,
		.extra1		= &tws_cache_ms_min,
		.extra2		= &tws_cache_ms_max,
	},
	{ }
};

#define TWS_NR_CTLS	(ARRAY_SIZE(tws_template) - 1)

int tws_sysctls_add(struct tws_net *tn)
{
	struct ctl_table *table;
	size_t i;

	table = kmemdup(tws_template, sizeof(tws_template), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	table[TWS_CTL_WARN].data = &tn->thresholds.th.warn;
	table[TWS_CTL_WARN].extra1 = tn;
	table[TWS_CTL_CRIT].data = &tn->thresholds.th.crit;
	table[TWS_CTL_CRIT].extra1 = tn;
	table[TWS_CTL_HYSTERESIS].data = &tn->thresholds.hysteresis;
	table[TWS_CTL_INTERVAL].data = &tn->monitor.interval_ms;
	table[TWS_CTL_INTERVAL].extra1 = tn;
	table[TWS_CTL_LATE].data = &tn->monitor.job.late_ms;
	if (!net_eq(tn->net, &init_net))
		for (i = TWS_CTL_SHARED; i < TWS_NR_CTLS; i++)
			table[i].mode = 0444;
	tn->sysctl = tws_compat_register_net_sysctl(tn->net, TWS_SYSCTL_PATH,
						    table, TWS_NR_CTLS);
	if (!tn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

void tws_sysctls_remove(struct tws_net *tn)
{
	const struct ctl_table *table = tn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(tn->sysctl);
	kfree(table);
}
