// SPDX-License-Identifier: GPL-2.0-only
/* Puts the cells of a line side by side. */
#include <linux/string.h>

#include "line.h"

/* Digits of a u32. */
#define TWS_DIGITS	10

/* Room for a cell, or NULL. */
static char *tws_line_take(struct tws_line *line, unsigned int len)
{
	char *cell = line->text + line->len;

	if (len > TWS_LINE_MAX - line->len)
		return NULL;
	line->len += len;
	return cell;
}

/* Return the end of @nr blanks. */
static char *tws_blanks(char *at, unsigned int nr)
{
	while (nr--)
		*at++ = ' ';
	return at;
}

void tws_line_blanks(struct tws_line *line, unsigned int nr)
{
	char *at = tws_line_take(line, nr);

	if (at)
		tws_blanks(at, nr);
}

/**
 * tws_line_text() - add a cell with text at its left
 * @line:	the line
 * @width:	least width of the cell
 * @text:	the text
 */
void tws_line_text(struct tws_line *line, unsigned int width, const char *text)
{
	const unsigned int len = strlen(text), blanks = len < width ? width - len : 0;
	char *at = tws_line_take(line, len + blanks);

	if (!at)
		return;
	memcpy(at, text, len);
	tws_blanks(at + len, blanks);
}

/* A blank, and the characters from @begin to @end at the right. */
static void tws_line_right(struct tws_line *line, unsigned int width, const char *begin,
			   const char *end)
{
	const unsigned int len = end - begin, blanks = 1 + (len < width ? width - len : 0);
	char *at = tws_line_take(line, len + blanks);

	if (!at)
		return;
	at = tws_blanks(at, blanks);
	while (begin < end)
		*at++ = *begin++;
}

/* The digits of a number, before @end. */
static char *tws_digits(char *end, u32 number)
{
	do {
		*--end = '0' + number % 10;
		number /= 10;
	} while (number);
	return end;
}

static void tws_line_unknown(struct tws_line *line, unsigned int width)
{
	static const char dash = '-';

	tws_line_right(line, width, &dash, &dash + 1);
}

/**
 * tws_line_count() - add a blank and a cell with a number at its right
 * @line:	the line
 * @width:	least width of the cell
 * @known:	whether the number is known; "-" if it is not
 * @count:	the number
 */
void tws_line_count(struct tws_line *line, unsigned int width, bool known, u32 count)
{
	char buf[TWS_DIGITS];
	char *const end = buf + sizeof(buf);

	if (known)
		tws_line_right(line, width, tws_digits(end, count), end);
	else
		tws_line_unknown(line, width);
}

/* Of a number of one decimal, before @end. */
static char *tws_tenths(char *end, u32 tenths)
{
	*--end = '0' + tenths % 10;
	*--end = '.';
	return tws_digits(end, tenths / 10);
}

/**
 * tws_line_tenths() - add a blank and a cell with a number of one decimal at its right
 * @line:	the line
 * @width:	least width of the cell
 * @known:	whether the number is known; "-" if it is not
 * @tenths:	the number, in tenths
 */
void tws_line_tenths(struct tws_line *line, unsigned int width, bool known, u32 tenths)
{
	char buf[TWS_DIGITS + 2];
	char *const end = buf + sizeof(buf);

	if (known)
		tws_line_right(line, width, tws_tenths(end, tenths), end);
	else
		tws_line_unknown(line, width);
}

/**
 * tws_line_change() - add a blank and a cell with a change, of one decimal, at its right
 * @line:	the line
 * @width:	least width of the cell
 * @known:	whether the change is known; "-" if it is not
 * @tenths:	the change, in tenths
 */
void tws_line_change(struct tws_line *line, unsigned int width, bool known, s32 tenths)
{
	char buf[TWS_DIGITS + 3];
	char *const end = buf + sizeof(buf);
	char *at = tws_tenths(end, tenths < 0 ? -(u32)tenths : tenths);

	if (tenths < 0)
		*--at = '-';
	if (known)
		tws_line_right(line, width, at, end);
	else
		tws_line_unknown(line, width);
}
