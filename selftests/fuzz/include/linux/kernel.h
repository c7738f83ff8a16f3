/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/kernel.h, as far as the rules need it in user space. */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <linux/types.h>

/* Knows %u, %pI4 and %pI6c. */
int scnprintf(char *buf, size_t size, const char *format, ...);

#endif
