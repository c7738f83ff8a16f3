// SPDX-License-Identifier: GPL-2.0-only
/* Clocks: what time it is, and waiting for a turn. */
#include <errno.h>
#include <stdio.h>

#include "sock.h"

static unsigned long long clock_us(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		die_errno("clock_gettime");
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

/* The clock that /proc/uptime shows, finer. */
unsigned long long now_ms(void)
{
	return clock_us(CLOCK_BOOTTIME) / 1000;
}

/*
 * By how much this clock is ahead of the one that stands still while the machine is
 * suspended. They are read one after the other, and again if something came in between.
 */
unsigned long long suspended_ms(void)
{
	unsigned long long before, boot, after;

	do {
		before = clock_us(CLOCK_MONOTONIC);
		boot = clock_us(CLOCK_BOOTTIME);
		after = clock_us(CLOCK_MONOTONIC);
	} while (after - before > 1000);
	return (boot - before) / 1000;
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
