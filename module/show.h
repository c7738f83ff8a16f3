/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SHOW_H
#define TWS_SHOW_H

#include <linux/types.h>

struct seq_file;
struct tws_caller;
struct tws_row;
struct tws_summary;
struct tws_source_row;
struct tws_sources;

void tws_show_header(struct seq_file *m, const struct tws_summary *sum,
		     u64 age_ms);
void tws_show_columns(struct seq_file *m, unsigned int widest);
void tws_show_row(struct seq_file *m, unsigned int widest, const struct tws_summary *sum,
		  const struct tws_row *row);

/**
 * struct tws_callers_head - what is said of all callers
 * @netns:	inode number of their namespace
 * @known:	they are followed
 * @one_in:	see struct tws_calls_state
 * @missed:	likewise
 * @forgotten:	callers that made room for others
 */
struct tws_callers_head {
	u32 netns;
	bool known;
	u32 one_in;
	u64 missed;
	u64 forgotten;
};

void tws_callers_show_header(struct seq_file *m,
			     const struct tws_callers_head *head, u32 rows);
void tws_callers_show_columns(struct seq_file *m);
void tws_callers_show_row(struct seq_file *m, const struct tws_caller *caller,
			  u32 pid, bool cgroups, u32 now_s,
			  const char *dev_name);

void tws_sources_show_header(struct seq_file *m, const struct tws_sources *sources);
void tws_sources_show_row(struct seq_file *m, const struct tws_sources *sources,
			  const struct tws_source_row *row);

#endif /* TWS_SHOW_H */
