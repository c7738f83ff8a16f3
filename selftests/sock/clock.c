// SPDX-License-Identifier: GPL-2.0-only
/* Clocks: what time it is, and waiting for a turn. */
#include <errno.h>
#include <stdio.h>

#include "sock.h"

/* The clock that /proc/uptime shows, finer. */
unsigned long long now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_BOOTTIME, &t))
		die_errno("clock_gettime");
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

void nap_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* Against absolute times, so that the work itself delays nothing. */
void wait_for_turn(unsigned int interval_ms, struct timespec *turn)
{
	if (!turn->tv_sec && !turn->tv_nsec)
		clock_gettime(CLOCK_MONOTONIC, turn);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, turn, NULL) ==
	       EINTR)
		;
	turn->tv_sec += interval_ms / 1000;
	turn->tv_nsec += interval_ms % 1000 * 1000000L;
	if (turn->tv_nsec >= 1000000000L) {
		turn->tv_nsec -= 1000000000L;
		turn->tv_sec++;
	}
}
