// SPDX-License-Identifier: GPL-2.0-only
/* The text of /proc/net/tw_summary, of tw_callers, and of tw_sources. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/seq_file.h>

#include "compute/callertable.h"
#include "compute/level.h"
#include "compute/line.h"
#include "compute/names.h"
#include "compute/reuse.h"
#include "show.h"
#include "summary.h"
#include "sourcewalk.h"

/* Least width of the column of local addresses. */
#define TWS_LOCAL_WIDTH	12

static const char * const tws_dir_names[TWS_NR_DIRS] = {
	[TWS_OUT] = "out",
	[TWS_IN] = "in",
	[TWS_BOUND] = "bound",
};

static int tws_local_width(unsigned int widest)
{
	return max_t(int, widest, TWS_LOCAL_WIDTH);
}

static const char *tws_worst_level(const struct tws_summary *sum)
{
	return tws_summary_knows_level(sum) ? tws_level_name(sum->level) : "-";
}

static const char *tws_hidden_level(const struct tws_summary *sum)
{
	const bool known = sum->levels_known && sum->table.hidden_out;

	return known ? tws_level_name(sum->hidden_level) : "-";
}

/* "-" if it never was. */
static void tws_show_last(struct seq_file *m, const char *key, u32 age_ms)
{
	if (age_ms == TWS_NEVER)
		seq_printf(m, " %s=-", key);
	else
		seq_printf(m, " %s=%u.%u", key, age_ms / 1000, age_ms / 100 % 10);
}

static void tws_show_failures(struct seq_file *m,
			      const struct tws_failure_sums *fails)
{
	if (!fails->known) {
		seq_puts(m, "# failures fails=- fails_last=- fails_missed=- bind_fails=- bind_fails_last=- clashes=- clashes_last=- mispredicted=-\n");
		return;
	}
	seq_printf(m, "# failures fails=%llu", fails->fails);
	tws_show_last(m, "fails_last", fails->last_ms);
	seq_printf(m, " fails_missed=%llu bind_fails=%llu", fails->missed,
		   fails->binds);
	tws_show_last(m, "bind_fails_last", fails->binds_last_ms);
	seq_printf(m, " clashes=%llu", fails->clashes);
	tws_show_last(m, "clashes_last", fails->clashes_last_ms);
	seq_printf(m, " mispredicted=%llu\n", fails->mispredicted);
}

/**
 * tws_show_header() - print the lines above the rows
 * @m:		where to
 * @sum:	the summary
 * @age_ms:	its age
 */
void tws_show_header(struct seq_file *m, const struct tws_summary *sum,
		     u64 age_ms)
{
	const struct tws_settings *set = &sum->settings;

	seq_printf(m, "# tw_summary version=1 netns=%u age_ms=%llu walk_us=%u sockets=%llu complete=%s rules=%s\n",
		   sum->netns, age_ms, sum->walk_us, sum->sockets,
		   sum->complete ? "yes" : "no",
		   tws_trust_word(set->trust));
	seq_printf(m, "# ports range=%u-%u tried=%u", set->range.low,
		   set->range.high, tws_range_tried(&set->range));
	if (sum->ports_known)
		seq_printf(m, " reserved=%u bound=%u usable=%u",
			   sum->reserved, sum->bound, sum->usable);
	else
		seq_puts(m, " reserved=- bound=- usable=-");
	seq_printf(m, " tw_reuse=%u\n", set->reuse_mode);
	seq_printf(m, "# states timewait=%llu fin_wait2=%llu established=%llu syn_sent=%llu close_wait=%llu other=%llu timewait_max=%d timewait_dropped=%llu\n",
		   sum->count[TWS_STATE_TIME_WAIT],
		   sum->count[TWS_STATE_FIN_WAIT2],
		   sum->count[TWS_STATE_ESTABLISHED],
		   sum->count[TWS_STATE_SYN_SENT],
		   sum->count[TWS_STATE_CLOSE_WAIT],
		   sum->count[TWS_STATE_OTHER],
		   set->timewait_max, sum->dropped);
	seq_printf(m, "# rows out_rows=%u in_rows=%u bound_rows=%u",
		   sum->dir_rows[TWS_OUT], sum->dir_rows[TWS_IN],
		   sum->dir_rows[TWS_BOUND]);
	seq_printf(m, " hidden_min=%u hidden_sockets=%llu level=%s bind_level=%s hidden_level=%s\n",
		   sum->table.hidden_min, sum->table.hidden_sockets,
		   tws_worst_level(sum),
		   sum->bind_level_known ? tws_level_name(sum->bind_level) : "-",
		   tws_hidden_level(sum));
	tws_show_failures(m, &sum->fails);
}

void tws_show_columns(struct seq_file *m, unsigned int widest)
{
	seq_printf(m, "%-5s %-5s %6s %6s %5s %6s %5s %8s %6s %5s %6s %6s %6s %9s %8s %7s %5s %5s %5s %9s %5s  %-*s  %s\n",
		   "dir", "level", "free", "used", "use%", "tw", "fw2", "fw2_held",
		   "estab", "syn", "cwait", "other", "reuse", "reuse_if",
		   "close/s", "grow/s", "next", "eta", "fail", "fail_last",
		   "clash", tws_local_width(widest), "local", "remote");
}

/* Seconds, rounded down to tenths. */
static void tws_line_seconds(struct tws_line *line, unsigned int width, bool known, u32 ms)
{
	tws_line_tenths(line, width, known && ms != TWS_NEVER, ms / 100);
}

/**
 * tws_show_row() - print a row
 * @m:		where to
 * @widest:	length of the longest local name
 * @sum:	its summary
 * @row:	the row
 */
void tws_show_row(struct seq_file *m, unsigned int widest, const struct tws_summary *sum,
		  const struct tws_row *row)
{
	const struct tws_outlook *outlook = &row->outlook;
	const bool out = row->key.dir == TWS_OUT;
	const bool known = out && outlook->known;
	char name[TWS_NAME_MAX];
	struct tws_line line;

	/* 21 cells, none wider than 12, and two names. */
	BUILD_BUG_ON(TWS_LINE_MAX < 12 + 21 * 13 + 2 * TWS_NAME_MAX + 5);

	line.len = 0;
	tws_line_text(&line, 6, tws_dir_names[row->key.dir]);
	tws_line_text(&line, 5, known ? tws_level_name(outlook->level) : "-");
	tws_line_count(&line, 6, known, outlook->free);
	tws_line_count(&line, 6, out, row->sockets);
	tws_line_tenths(&line, 5, known,
			tws_use_permille(outlook->open, outlook->free));
	tws_line_count(&line, 6, true, row->count[TWS_STATE_TIME_WAIT]);
	tws_line_count(&line, 5, true, row->count[TWS_STATE_FIN_WAIT2]);
	tws_line_count(&line, 8, true, row->fw2_held);
	tws_line_count(&line, 6, true, row->count[TWS_STATE_ESTABLISHED]);
	tws_line_count(&line, 5, true, row->count[TWS_STATE_SYN_SENT]);
	tws_line_count(&line, 6, true, row->count[TWS_STATE_CLOSE_WAIT]);
	tws_line_count(&line, 6, true, row->count[TWS_STATE_OTHER]);
	tws_line_count(&line, 6, known, row->reuse);
	tws_line_count(&line, 9, known, outlook->free_if - outlook->free);
	tws_line_tenths(&line, 8, sum->closes_known, tws_closes_10s(row->age));
	tws_line_change(&line, 7, known && outlook->growth.per_10s != TWS_NO_GROWTH,
			outlook->growth.per_10s);
	tws_line_seconds(&line, 5, true, row->next_ms);
	tws_line_seconds(&line, 5, known, outlook->full_ms);
	tws_line_count(&line, 5, out && sum->fails.known, row->fails);
	tws_line_seconds(&line, 9, out && sum->fails.known && row->fails,
			 row->fail_last_ms);
	tws_line_count(&line, 5, out && sum->fails.known, row->clashes);
	tws_line_blanks(&line, 2);
	tws_local_name(name, &row->key, row->dev_name);
	tws_line_text(&line, tws_local_width(widest), name);
	tws_line_blanks(&line, 2);
	tws_remote_name(name, &row->key);
	tws_line_text(&line, 0, name);
	tws_line_text(&line, 0, "\n");
	seq_write(m, line.text, line.len);
}

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

/**
 * tws_sources_show_header() - print the lines above the rows
 * @m:		where to
 * @sources:	the sources
 */
void tws_sources_show_header(struct seq_file *m, const struct tws_sources *sources)
{
	seq_printf(m, "# tw_sources version=1 netns=%u range=%u-%u tried=%u reserved=%u autobind_reuse=%u complete=%s hidden=%u\n",
		   sources->netns, sources->range.low, sources->range.high,
		   tws_range_tried(&sources->range), sources->reserved,
		   sources->autobind_reuse,
		   sources->table.incomplete ? "no" : "yes", sources->table.hidden);
	seq_printf(m, "%9s %5s  %-5s %6s %6s %6s  %s\n", "bind_free", "use%", "level",
		   "used", "tw", "other", "local");
}

static void tws_sources_name(char *buf, const struct tws_sources_table *table,
			     const struct tws_source_row *row)
{
	if (row == &table->fixed[TWS_FIXED_OTHER4])
		strscpy(buf, "other", TWS_NAME_MAX);
	else if (row == &table->fixed[TWS_FIXED_OTHER6])
		strscpy(buf, "[other]", TWS_NAME_MAX);
	else
		tws_source_name(buf, &row->source.addr, row->dev_name);
}

/**
 * tws_sources_show_row() - print a row
 * @m:		where to
 * @sources:	the sources
 * @row:	one of its rows
 */
void tws_sources_show_row(struct seq_file *m, const struct tws_sources *sources,
			  const struct tws_source_row *row)
{
	const struct tws_sources_table *table = &sources->table;
	const u32 free = sources->open - row->blocked;
	const bool holds = !tws_source_is_fixed(table, row);
	const bool known = !row->unknown;
	const u8 level = tws_level(sources->open, free, &sources->thresholds);
	char name[TWS_NAME_MAX];
	struct tws_line line;

	/* 6 cells, none wider than 11, and a name. */
	BUILD_BUG_ON(TWS_LINE_MAX < 6 * 12 + TWS_NAME_MAX + 5);

	line.len = 0;
	tws_line_count(&line, 8, known, free);
	tws_line_tenths(&line, 5, known, tws_use_permille(sources->open, free));
	tws_line_blanks(&line, 2);
	tws_line_text(&line, 5, known ? tws_level_name(level) : "-");
	tws_line_count(&line, 6, holds, row->used);
	tws_line_count(&line, 6, holds, row->tw);
	tws_line_count(&line, 6, holds, row->used - row->tw);
	tws_line_blanks(&line, 2);
	tws_sources_name(name, table, row);
	tws_line_text(&line, 0, name);
	tws_line_text(&line, 0, "\n");
	seq_write(m, line.text, line.len);
}
