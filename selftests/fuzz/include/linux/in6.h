/* SPDX-License-Identifier: GPL-2.0-only */
/* linux/in6.h, as far as the rules need it in user space. */
#ifndef FUZZ_IN6_H
#define FUZZ_IN6_H

#include <netinet/in.h>

#endif
