// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the frequency of this machine's time stamp counter in kHz. A guest
 * under QEMU's emulation reads the same counter; measuring it itself, on a busy
 * machine, it may be wrong by a factor, and its seconds with it.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

/* Reads both clocks close together: the try with the least between them. */
static void read_both(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < 1000; i++) {
		const uint64_t before = __rdtsc();
		struct timespec now;
		uint64_t after;

		clock_gettime(CLOCK_MONOTONIC_RAW, &now);
		after = __rdtsc();
		if (after - before >= best)
			continue;
		best = after - before;
		*tsc = before + best / 2;
		*ns = now.tv_sec * 1000000000ull + now.tv_nsec;
	}
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000 * 1000 };
	uint64_t tsc[2], ns[2];

	read_both(&tsc[0], &ns[0]);
	nanosleep(&pause, NULL);
	read_both(&tsc[1], &ns[1]);
	printf("%llu\n", (unsigned long long)((tsc[1] - tsc[0]) * 1000000ull /
					      (ns[1] - ns[0])));
	return 0;
}
