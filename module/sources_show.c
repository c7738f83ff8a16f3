// SPDX-License-Identifier: GPL-2.0-only
/* Prints the text of /proc/net/tw_sources. */
#include <linux/seq_file.h>

#include "compute/level.h"
#include "compute/line.h"
#include "compute/names.h"
#include "sources_show.h"
#include "sourcewalk.h"

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
