/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_GENERATE_H
#define FUZZ_GENERATE_H

#include <linux/types.h>

#define FUZZ_LINE	512

void fuzz_seed(u64 seed);
u32 fuzz_below(u32 limit);
size_t fuzz_valid(char line[FUZZ_LINE]);
size_t fuzz_mutate(char line[FUZZ_LINE], size_t len);

#endif
