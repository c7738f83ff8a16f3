/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/stringify.h, as far as the rules need it in user space. */
#ifndef FUZZ_STRINGIFY_H
#define FUZZ_STRINGIFY_H

#define __stringify_text(x)	#x
#define __stringify(x)		__stringify_text(x)

#endif
