/* SPDX-License-Identifier: GPL-2.0-only */
/* TIME_WAIT sockets by their age. */
#ifndef TWS_AGES_H
#define TWS_AGES_H

#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/types.h>

/* How long TIME_WAIT lasts: TCP_TIMEWAIT_LEN, a constant of the kernel. */
#define TWS_LIFE_MS	60000u
/* Bins of one second of age each. */
#define TWS_AGE_BINS	60
/* The close rate is the mean over as many seconds. */
#define TWS_RATE_BINS	10
/* A time in milliseconds: it never comes. */
#define TWS_NEVER	U32_MAX

/**
 * tws_age_bin() - bin of a socket
 * @left_ms:	time until its timer is due
 *
 * Return: whole seconds since it entered TIME_WAIT, at most 59. A socket
 * whose timer is late counts as 59 seconds old.
 */
static inline unsigned int tws_age_bin(u32 left_ms)
{
	return min((TWS_LIFE_MS - min(left_ms, TWS_LIFE_MS)) / 1000,
		   TWS_AGE_BINS - 1u);
}

/**
 * tws_closes_10s() - sockets that entered TIME_WAIT in the last 10 seconds
 * @age:	bins
 *
 * Return: a count, which is also the rate in tenths of a socket per second.
 */
static inline u32 tws_closes_10s(const u32 age[TWS_AGE_BINS])
{
	u32 closes = 0;
	int i;

	for (i = 0; i < TWS_RATE_BINS; i++)
		closes += age[i];
	return closes;
}

/**
 * tws_due_within() - sockets whose timer is due soon
 * @age:	bins
 * @seconds:	how soon, at most 60
 */
static inline u32 tws_due_within(const u32 age[TWS_AGE_BINS],
				 unsigned int seconds)
{
	u32 due = 0;
	unsigned int i;

	for (i = TWS_AGE_BINS - seconds; i < TWS_AGE_BINS; i++)
		due += age[i];
	return due;
}

#endif /* TWS_AGES_H */
