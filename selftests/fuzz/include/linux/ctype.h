/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/ctype.h, as far as the rules need it in user space. */
#ifndef FUZZ_CTYPE_H
#define FUZZ_CTYPE_H

static inline int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

/* The kernel takes any byte, signed or not, and knows Latin-1's space. */
static inline int isspace(int c)
{
	c = (unsigned char)c;
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

#endif
