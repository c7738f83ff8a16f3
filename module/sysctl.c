// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.tw_summary.*: what a walk may cost is for the initial namespace to say;
 * the others see it and cannot change it.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "compat/sysctl.h"
#include "net.h"
#include "sysctl.h"

#define TWS_SYSCTL_PATH	"net/tw_summary"

static unsigned int tws_max_rows_setting = 4096;
static unsigned int tws_max_rows_min = 1;
static unsigned int tws_max_rows_max = 1u << 20;

static unsigned int tws_cache_ms_setting = 100;
static unsigned int tws_cache_ms_min;
static unsigned int tws_cache_ms_max = 3600000;

static struct ctl_table tws_table_template[] = {
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

#define TWS_NR_SYSCTLS	(ARRAY_SIZE(tws_table_template) - 1)

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
 * tws_sysctl_add() - make the sysctls of a namespace
 * @tn:	the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int tws_sysctl_add(struct tws_net *tn)
{
	struct ctl_table *table;
	size_t i;

	table = kmemdup(tws_table_template, sizeof(tws_table_template),
			GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	if (!net_eq(tn->net, &init_net))
		for (i = 0; i < TWS_NR_SYSCTLS; i++)
			table[i].mode = 0444;
	tn->sysctl = tws_compat_register_net_sysctl(tn->net, TWS_SYSCTL_PATH,
						    table, TWS_NR_SYSCTLS);
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
