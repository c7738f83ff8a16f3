/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/inet.h, as far as the rules need it in user space. */
#ifndef FUZZ_INET_H
#define FUZZ_INET_H

#include <linux/types.h>

/*
 * As the kernel's do with delim -1, the only one that these know: the address
 * ends where something comes that is in none, and *end says where.
 */
int in4_pton(const char *src, int srclen, u8 *dst, int delim, const char **end);
int in6_pton(const char *src, int srclen, u8 *dst, int delim, const char **end);

#endif
