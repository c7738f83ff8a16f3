/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SHOW_H
#define TWS_SHOW_H

#include <linux/types.h>

struct seq_file;
struct tws_row;
struct tws_snapshot;

void tws_show_header(struct seq_file *m, const struct tws_snapshot *snap,
		     u64 age_ms);
void tws_show_columns(struct seq_file *m, unsigned int widest);
void tws_show_row(struct seq_file *m, unsigned int widest, const struct tws_snapshot *snap,
		  const struct tws_row *row);

#endif /* TWS_SHOW_H */
