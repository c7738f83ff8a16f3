/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/math64.h, as far as the rules need it in user space. */
#ifndef FUZZ_MATH64_H
#define FUZZ_MATH64_H

#include <linux/types.h>

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

#endif
