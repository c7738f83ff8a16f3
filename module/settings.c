// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel and its administrators have set: for the module, and for a namespace and
 * its devices.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/ip.h>
#include <net/l3mdev.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "compat/kernel.h"
#include "compat/portrange.h"
#include "compat/tables.h"
#include "compute/choice.h"
#include "compute/prediction.h"
#include "compute/reuse.h"
#include "compute/scope.h"
#include "compute/turnover.h"
#include "settings.h"

struct tws_shared tws_shared = {
	.max_rows		= 4096,
	.cache_ms		= 100,
	.monitor_floor_ms	= 1000,
	.monitor_budget		= 1,
};

/* Module parameters that are Y, N, or empty. */
static int tws_choice_set_param(const char *val, const struct kernel_param *kp)
{
	enum tws_choice choice = TWS_CHOICE_NONE;
	bool yes;
	int err;

	if (val && *skip_spaces(val)) {
		err = kstrtobool(val, &yes);
		if (err)
			return err;
		choice = yes ? TWS_CHOICE_YES : TWS_CHOICE_NO;
	}
	WRITE_ONCE(*(enum tws_choice *)kp->arg, choice);
	return 0;
}

static int tws_choice_get_param(char *buffer, const struct kernel_param *kp)
{
	static const char *const words[] = {
		[TWS_CHOICE_NONE]	= "",
		[TWS_CHOICE_YES]	= "Y",
		[TWS_CHOICE_NO]		= "N",
	};

	return sprintf(buffer, "%s\n", words[READ_ONCE(*(enum tws_choice *)kp->arg)]);
}

const struct kernel_param_ops tws_choice_param_ops = {
	.set	= tws_choice_set_param,
	.get	= tws_choice_get_param,
};

static enum tws_choice tws_rules_verified;
module_param_cb(rules_verified, &tws_choice_param_ops, &tws_rules_verified, 0644);
MODULE_PARM_DESC(rules_verified,
		 "what twstat --verify has found on this kernel: Y the prediction is right, N it is wrong, empty nothing (default: empty)");

/* A seqlock is behind it until 6.7, which may sleep on PREEMPT_RT; then one word. */
static struct tws_range tws_range_read(struct net *net)
{
	int low, high;

	inet_get_local_port_range(net, &low, &high);
	return (struct tws_range){ .low = low, .high = high };
}

/*
 * Of a time of more than TCP_TIMEWAIT_LEN the first part is that of a full socket
 * (tcp.c:__tcp_close(), tcp_timer.c:tcp_keepalive_timer()).
 */
static u32 tws_fin_s(const struct net *net)
{
	const u32 fin_s = max(READ_ONCE(net->ipv4.sysctl_tcp_fin_timeout), 0) / HZ;

	return min(fin_s > TWS_FIN_MAX_S ? fin_s - TWS_FIN_MAX_S : fin_s, TWS_FIN_MAX_S);
}

/**
 * tws_settings_read() - read the settings of a namespace
 * @net:	the namespace
 * @settings:	result; each value is read by itself, for any of them may change
 *		at any time
 */
void tws_settings_read(struct net *net, struct tws_settings *settings)
{
	settings->range = tws_range_read(net);
	settings->reuse_mode = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse);
	settings->timewait_max =
		READ_ONCE(tws_compat_death_row(net)->sysctl_max_tw_buckets);
	settings->fin_s = tws_fin_s(net);
	settings->trust = tws_trust_of(tws_rules_tested(TWS_COMPAT_KERNEL),
				       READ_ONCE(tws_rules_verified));
}

static bool tws_l3mdev_accept(const struct net *net)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	return READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept);
#else
	return false;
#endif
}

/**
 * tws_predict_settings_read() - read the settings that `free` depends on
 * @net:	the namespace
 * @settings:	result, without the ports that are reserved; those of nobody if the range
 *		is being written
 *
 * Context: any. The probes' handlers call it, so nothing here may sleep, on PREEMPT_RT
 * neither.
 */
void tws_predict_settings_read(const struct net *net, struct tws_predict_settings *settings)
{
	int low, high;

	*settings = (struct tws_predict_settings){
		.switches = tws_predict_switches(READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse),
					       tws_compat_reuse_delay_ms(net),
					       tws_l3mdev_accept(net)),
	};
	if (tws_compat_range_now(net, &low, &high)) {
		settings->low = low;
		settings->high = high;
	}
}

/**
 * tws_reuse_rule_read() - read when connect() may take over a timewait socket
 * @net:	the namespace
 * @rule:	result
 */
void tws_reuse_rule_read(const struct net *net, struct tws_reuse_rule *rule)
{
	rule->mode = READ_ONCE(net->ipv4.sysctl_tcp_tw_reuse);
	rule->by_entry = TWS_COMPAT_REUSE_BY_ENTRY;
	rule->delay_ms = tws_compat_reuse_delay_ms(net);
	rule->fin_wait2 = tws_fin_wait2_reused(TWS_COMPAT_KERNEL);
}

/**
 * tws_reuse_clock_read() - read the clocks that tcp_twsk_unique() compares
 * @now:	result
 */
void tws_reuse_clock_read(struct tws_clock *now)
{
	now->seconds = ktime_get_seconds();
	now->ms = div_u64(tcp_clock_ns(), NSEC_PER_MSEC);
}

/**
 * tws_timewait_dropped() - how many timewait sockets the kernel did not make
 * @net:	the namespace
 *
 * For want of memory, or because there were tcp_max_tw_buckets of them
 * (tcp_minisocks.c:tcp_time_wait()).
 */
u64 tws_timewait_dropped(const struct net *net)
{
	u64 dropped = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct linux_mib *mib = per_cpu_ptr(net->mib.net_statistics, cpu);

		dropped += READ_ONCE(mib->mibs[LINUX_MIB_TCPTIMEWAITOVERFLOW]);
	}
	return dropped;
}

/**
 * tws_scope_of() - find the scope of a device of a namespace
 * @scope:	result
 * @net:	the namespace
 * @dev:	ifindex of the device, 0 for none
 */
void tws_scope_of(struct tws_scope *scope, struct net *net, int dev)
{
	tws_scope_init(scope, dev, l3mdev_master_ifindex_by_index(net, dev),
		       tws_l3mdev_accept(net));
}

/**
 * tws_device_name() - find the name of a device
 * @buf:	result, IFNAMSIZ bytes: the name, or "" if @dev is 0
 * @net:	its namespace
 * @dev:	its ifindex
 */
void tws_device_name(char *buf, struct net *net, int dev)
{
	const struct net_device *found;

	buf[0] = '\0';
	if (!dev)
		return;
	rcu_read_lock();
	found = dev_get_by_index_rcu(net, dev);
	if (found)
		strscpy(buf, found->name, IFNAMSIZ);
	rcu_read_unlock();
	/* The device is gone, its sockets are not: name it as iproute2 does. */
	if (!found)
		snprintf(buf, IFNAMSIZ, "if%d", dev);
}
