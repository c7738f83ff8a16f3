/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/string.h, as far as the rules need it in user space. */
#ifndef FUZZ_STRING_H
#define FUZZ_STRING_H

#include <string.h>

#endif
