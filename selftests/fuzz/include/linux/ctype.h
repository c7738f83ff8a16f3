/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/ctype.h, as far as the rules need it in user space. */
#ifndef FUZZ_CTYPE_H
#define FUZZ_CTYPE_H

/* The kernel's have a table for every byte, signed or not; Latin-1's too. */
#define isdigit(c)	((c) >= '0' && (c) <= '9')
#define isspace(c)	fuzz_isspace((unsigned char)(c))

static inline int fuzz_isspace(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0;
}

#endif
