// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of the kernel's log about changes of a level. For the initial namespace
 * only: a container must neither fill the log of its host nor show its addresses
 * to all who read that log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#include "compute/ages.h"
#include "compute/event.h"
#include "compute/level.h"
#include "compute/names.h"
#include "levellog.h"

/* At most 20 lines in 5 s. */
static DEFINE_RATELIMIT_STATE(tws_log_limit, 5 * HZ, 20);

static void tws_describe_use(char *buf, size_t size,
			     const struct tws_event *event)
{
	int len;

	if (!event->shown) {
		snprintf(buf, size, event->new_level == TWS_LEVEL_OK ?
			 "it has no row any more" :
			 "at most, it is among the hidden destinations");
		return;
	}
	if (!event->open) {
		snprintf(buf, size, "every port is reserved");
		return;
	}
	len = scnprintf(buf, size, "%u of %u ports (%u.%u%%)", event->open - event->free,
			event->open, event->use_permille / 10,
			event->use_permille % 10);
	if (!event->key) {
		snprintf(buf + len, size - len, " are lost to every destination");
		return;
	}
	len += scnprintf(buf + len, size - len, ", %u in TIME_WAIT", event->timewait);
	if (event->full_ms && event->full_ms != TWS_NEVER)
		snprintf(buf + len, size - len, ", full in %u.%u s",
			 event->full_ms / 1000, event->full_ms % 1000 / 100);
}

/**
 * tws_levellog() - write a line about a destination of the initial namespace
 * @event:	what has changed: to full is a warning, all else a notice
 */
void tws_levellog(const struct tws_event *event)
{
	char local[TWS_NAME_MAX], remote[TWS_NAME_MAX], use[128];

	if (!__ratelimit(&tws_log_limit))
		return;
	tws_local_name(local, event->key, event->dev_name);
	tws_remote_name(remote, event->key);
	tws_describe_use(use, sizeof(use), event);
	if (event->new_level == TWS_LEVEL_FULL)
		pr_warn("%s -> %s full: %s\n", local, remote, use);
	else
		pr_notice("%s -> %s %s: %s\n", local, remote,
			  tws_level_name(event->new_level), use);
}

/**
 * tws_levellog_unknown() - write a line about all destinations of the initial namespace
 * @unknown:	their levels are not known any more; or they are again
 */
void tws_levellog_unknown(bool unknown)
{
	if (!__ratelimit(&tws_log_limit))
		return;
	if (unknown)
		pr_warn("no level is known: not all sockets or ports could be counted (complete=no)\n");
	else
		pr_notice("the levels are known again\n");
}
