/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/minmax.h, as far as the rules need it in user space. */
#ifndef FUZZ_MINMAX_H
#define FUZZ_MINMAX_H

#define min(a, b) ({			\
	__typeof__(a) a_ = (a);		\
	__typeof__(b) b_ = (b);		\
					\
	a_ < b_ ? a_ : b_;		\
})

#define max(a, b) ({			\
	__typeof__(a) a_ = (a);		\
	__typeof__(b) b_ = (b);		\
					\
	a_ > b_ ? a_ : b_;		\
})

#endif
