/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_SOURCES_SHOW_H
#define TWS_SOURCES_SHOW_H

struct seq_file;
struct tws_source_row;
struct tws_sources;

void tws_sources_show_header(struct seq_file *m, const struct tws_sources *sources);
void tws_sources_show_row(struct seq_file *m, const struct tws_sources *sources,
			  const struct tws_source_row *row);

#endif /* TWS_SOURCES_SHOW_H */
