/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of a table, cell by cell. A row has some 20 cells, and seq_printf() takes several
 * hundred instructions for each.
 */
#ifndef TWS_LINE_H
#define TWS_LINE_H

#include <linux/types.h>

#define TWS_LINE_MAX	450

/**
 * struct tws_line - a line, empty if zeroed
 * @text:	without a final 0
 * @len:	its length. A cell that has no room is left out
 */
struct tws_line {
	char text[TWS_LINE_MAX];
	unsigned int len;
};

void tws_line_text(struct tws_line *line, unsigned int width, const char *text);
void tws_line_blanks(struct tws_line *line, unsigned int nr);
void tws_line_count(struct tws_line *line, unsigned int width, bool known, u32 count);
void tws_line_tenths(struct tws_line *line, unsigned int width, bool known, u32 tenths);
void tws_line_change(struct tws_line *line, unsigned int width, bool known, s32 tenths);

#endif /* TWS_LINE_H */
