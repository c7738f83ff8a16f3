// SPDX-License-Identifier: GPL-2.0-only
/* Prints callers as the text of /proc/net/tw_callers. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "callers_show.h"
#include "compute/callertable.h"
#include "compute/names.h"

/**
 * tws_callers_show_header() - print the lines above the rows
 * @m:		where to
 * @head:	what they say
 * @rows:	how many rows follow
 */
void tws_callers_show_header(struct seq_file *m,
			     const struct tws_callers_head *head, u32 rows)
{
	seq_printf(m, "# tw_callers version=1 netns=%u rows=%u", head->netns,
		   rows);
	if (head->known)
		seq_printf(m, " sample_connects=%u fails_missed=%llu forgotten=%llu\n",
			   head->one_in, head->missed, head->forgotten);
	else
		seq_puts(m, " sample_connects=- fails_missed=- forgotten=-\n");
}

/**
 * tws_callers_show_columns() - print the names of the columns
 * @m:		where to
 */
void tws_callers_show_columns(struct seq_file *m)
{
	seq_printf(m, "%8s %8s %8s %8s %10s %9s %7s %-15s %9s  %-12s  %s\n", "fails",
		   "clashes", "first", "last", "calls", "search_us", "pid", "comm", "cgroup",
		   "local", "remote");
}

/* A field of this width and a blank; "-" if the number is not known. */
static void tws_callers_number(struct seq_file *m, int width, bool known,
			       u64 number)
{
	if (known)
		seq_printf(m, "%*llu ", width, number);
	else
		seq_printf(m, "%*s ", width, "-");
}

/**
 * tws_callers_show_row() - print a row
 * @m:		where to
 * @caller:	the row
 * @pid:	number of the process for the reader, 0 if the reader does not see it
 * @cgroups:	cgroup v2 is in use
 * @now_s:	the time, by the clock of the calls
 * @dev_name:	name of the device, "" for none
 */
void tws_callers_show_row(struct seq_file *m, const struct tws_caller *caller,
			  u32 pid, bool cgroups, u32 now_s,
			  const char *dev_name)
{
	const struct tws_caller_key *key = &caller->key;
	char comm[TWS_COMM_NAME_MAX] = "-";
	char name[TWS_NAME_MAX];
	struct tws_key pair = key->pair;

	if (pid)
		tws_comm_name(comm, key->comm);
	tws_callers_number(m, 8, true, caller->fails);
	tws_callers_number(m, 8, true, caller->clashes);
	tws_callers_number(m, 8, caller->fails, now_s - caller->first_s);
	tws_callers_number(m, 8, caller->fails, now_s - caller->last_s);
	tws_callers_number(m, 10, true, caller->calls);
	tws_callers_number(m, 9, caller->search_ns,
			   DIV_ROUND_CLOSEST_ULL(caller->search_ns, NSEC_PER_USEC));
	tws_callers_number(m, 7, pid, pid);
	seq_printf(m, "%-15s ", comm);
	tws_callers_number(m, 9, pid && cgroups && key->cgroup, key->cgroup);
	/* Of bind() too the local address has no port: there was none. */
	pair.dir = TWS_OUT;
	tws_local_name(name, &pair, dev_name);
	seq_printf(m, " %-12s  ", name);
	tws_remote_name(name, &key->pair);
	seq_printf(m, "%s\n", name);
}
