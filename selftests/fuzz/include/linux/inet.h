/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/inet.h, as far as the rules need it in user space. */
#ifndef FUZZ_INET_H
#define FUZZ_INET_H

#include <linux/types.h>

/* All of the text is an address, or 0 is returned; delim and end are not used. */
int in4_pton(const char *src, int srclen, u8 *dst, int delim, const char **end);
int in6_pton(const char *src, int srclen, u8 *dst, int delim, const char **end);

#endif
