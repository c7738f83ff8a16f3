// SPDX-License-Identifier: GPL-2.0-only
/* How a snapshot is printed: the text of /proc/net/tw_summary. */
#include <linux/seq_file.h>

#include "names.h"
#include "show.h"
#include "snapshot.h"

/* The column of local addresses is at least as wide. */
#define TWS_LOCAL_WIDTH	12

static const char * const tws_dir_names[TWS_NR_DIRS] = {
	[TWS_OUT] = "out",
	[TWS_IN] = "in",
	[TWS_BOUND] = "bound",
};

static int tws_local_width(const struct tws_snapshot *snap)
{
	return max_t(int, snap->local_width, TWS_LOCAL_WIDTH);
}

static void tws_show_hidden(struct seq_file *m, const struct tws_table *table)
{
	const u32 known = tws_table_hidden_at_least(table);

	/* More than this: one fewer than there are at least. */
	if (known)
		seq_printf(m, " hidden=>%u", known - 1);
	else
		seq_puts(m, " hidden=0");
	seq_printf(m, " hidden_sockets=%llu", table->hidden_sockets);
}

/**
 * tws_show_header() - print the header and the names of the columns
 * @m:		where to
 * @snap:	the snapshot
 * @age_ms:	its age
 */
void tws_show_header(struct seq_file *m, const struct tws_snapshot *snap,
		     u64 age_ms)
{
	const struct tws_settings *set = &snap->settings;

	seq_printf(m, "# tw_summary version=1 netns=%u age_ms=%llu walk_us=%u sockets=%llu complete=%s\n",
		   snap->netns, age_ms, snap->walk_us, snap->sockets,
		   snap->complete ? "yes" : "no");
	seq_printf(m, "# ports range=%u-%u tried=%u reserved=- bound=- usable=- tw_reuse=%u\n",
		   set->range.low, set->range.high,
		   tws_range_tried(&set->range), set->reuse_mode);
	seq_printf(m, "# states timewait=%llu fin_wait2=%llu established=%llu other=%llu timewait_max=%d\n",
		   snap->count[TWS_TIME_WAIT], snap->count[TWS_FIN_WAIT2],
		   snap->count[TWS_ESTABLISHED], snap->count[TWS_OTHER],
		   set->timewait_max);
	seq_printf(m, "# rows out_rows=%u in_rows=%u bound_rows=%u",
		   snap->dir_rows[TWS_OUT], snap->dir_rows[TWS_IN],
		   snap->dir_rows[TWS_BOUND]);
	tws_show_hidden(m, &snap->table);
	seq_puts(m, " level=-\n");
	seq_printf(m, "%-5s %-5s %6s %6s %5s %6s %5s %6s %6s %6s %8s %5s %5s %5s  %-*s  %s\n",
		   "dir", "level", "free", "used", "use%", "tw", "fw2",
		   "estab", "other", "reuse", "close/s", "next", "eta", "fail",
		   tws_local_width(snap), "local", "remote");
}

/* Seconds with one decimal, rounded down: 0.0 is "now". */
static void tws_show_seconds(struct seq_file *m, u32 ms)
{
	char text[16];

	if (ms == TWS_NEVER)
		strscpy(text, "-", sizeof(text));
	else
		snprintf(text, sizeof(text), "%u.%u", ms / 1000,
			 ms % 1000 / 100);
	seq_printf(m, " %5s", text);
}

static void tws_show_rate(struct seq_file *m, u32 tenths)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u", tenths / 10, tenths % 10);
	seq_printf(m, " %8s", text);
}

/**
 * tws_show_row() - print a row
 * @m:		where to
 * @snap:	its snapshot
 * @row:	the row
 */
void tws_show_row(struct seq_file *m, const struct tws_snapshot *snap,
		  const struct tws_row *row)
{
	char local[TWS_NAME_MAX], remote[TWS_NAME_MAX];

	tws_local_name(local, &row->key, row->dev_name);
	tws_remote_name(remote, &row->key);

	seq_printf(m, "%-5s %-5s %6s", tws_dir_names[row->key.dir], "-", "-");
	if (row->key.dir == TWS_OUT)
		seq_printf(m, " %6u", row->sockets);
	else
		seq_printf(m, " %6s", "-");
	seq_printf(m, " %5s %6u %5u %6u %6u %6s", "-",
		   row->count[TWS_TIME_WAIT], row->count[TWS_FIN_WAIT2],
		   row->count[TWS_ESTABLISHED], row->count[TWS_OTHER], "-");
	tws_show_rate(m, tws_closes_10s(row->age));
	tws_show_seconds(m, row->next_ms);
	seq_printf(m, " %5s %5s  %-*s  %s\n", "-", "-",
		   tws_local_width(snap), local, remote);
}
