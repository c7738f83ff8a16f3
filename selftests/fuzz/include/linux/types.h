/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/types.h, as far as the rules need it in user space. */
#ifndef FUZZ_TYPES_H
#define FUZZ_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include <asm/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __u32 __be32;

#endif
