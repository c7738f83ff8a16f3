/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/minmax.h, as far as the rules need it in user space. */
#ifndef FUZZ_MINMAX_H
#define FUZZ_MINMAX_H

#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))

#endif
