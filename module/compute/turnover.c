// SPDX-License-Identifier: GPL-2.0-only
/* Which ports come back by themselves, and when. */
#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "classify.h"
#include "gfp.h"
#include "turnover.h"

/*
 * The value of a port: 0 if it has no socket here, TWS_END_NEVER if one of its sockets has
 * no timer, else twice the second in which the last timer is due, and one more if that is
 * the timer of a socket in FIN_WAIT2. The greatest value of its sockets counts.
 */
#define TWS_END_FIRST		2u
#define TWS_END_FIN_WAIT2	1u
#define TWS_END_NEVER		255u

static u8 tws_end_of(const struct tws_tuple *t)
{
	if (t->kind != TWS_KIND_TIMEWAIT)
		return TWS_END_NEVER;
	return TWS_END_FIRST + 2 * tws_due_second(t->left_ms) +
	       (t->state == TWS_STATE_FIN_WAIT2 ? TWS_END_FIN_WAIT2 : 0);
}

/**
 * tws_ends_note() - take down a socket on a port that connect() skips
 * @ends:	zeroed at first
 * @t:		the socket
 *
 * Context: may sleep and allocate.
 * Return: false if there is no memory.
 */
bool tws_ends_note(struct tws_ends *ends, const struct tws_tuple *t)
{
	u8 **page = &ends->page[t->lport / PAGE_SIZE];
	u8 *end;

	BUILD_BUG_ON(TWS_END_FIRST + 2 * TWS_AGE_BINS > TWS_END_NEVER);

	if (!*page)
		*page = (u8 *)get_zeroed_page(TWS_GFP);
	if (!*page)
		return false;
	end = *page + t->lport % PAGE_SIZE;
	*end = max(*end, tws_end_of(t));
	return true;
}

/**
 * tws_ends_forget() - forget when ports come back
 * @ends:	the ends; they keep their memory
 */
void tws_ends_forget(struct tws_ends *ends)
{
	unsigned int i;

	for (i = 0; i < TWS_ENDS_PAGES; i++)
		if (ends->page[i])
			memset(ends->page[i], 0, PAGE_SIZE);
}

void tws_ends_free(struct tws_ends *ends)
{
	unsigned int i;

	for (i = 0; i < TWS_ENDS_PAGES; i++)
		free_page((unsigned long)ends->page[i]);
	memset(ends, 0, sizeof(*ends));
}

/**
 * tws_turnover_fin_wait2() - add ports that timewait sockets in FIN_WAIT2 hold
 * @sum:	what they are added to
 * @age:	how many, by tws_age_bin() of the time until their timer is due
 * @fin_s:	net.ipv4.tcp_fin_timeout in seconds, at most TWS_FIN_MAX_S
 *
 * Their timer was set to tcp_fin_timeout when the program closed (tcp.c:__tcp_close()),
 * unless it had asked for another time by TCP_LINGER2: then it is not known when they came.
 */
void tws_turnover_fin_wait2(struct tws_turnover *sum, const u32 age[TWS_AGE_BINS], u32 fin_s)
{
	u32 second;

	sum->fin_wait2_due += age[TWS_AGE_BINS - 1];
	for (second = 0; second < TWS_AGE_BINS; second++) {
		const u32 nr = age[TWS_AGE_BINS - 1 - second];

		sum->fin_wait2 += nr;
		sum->due[second] += nr;
		if (second < fin_s && second + TWS_RATE_BINS >= fin_s)
			sum->fin_wait2_new += nr;
	}
}

static void tws_end_add(struct tws_turnover *sum, u32 *fin_wait2_age, u8 end)
{
	u32 second;

	if (!end || end == TWS_END_NEVER) {
		sum->kept++;
		return;
	}
	second = (end - TWS_END_FIRST) / 2;
	if (end & TWS_END_FIN_WAIT2) {
		fin_wait2_age[TWS_AGE_BINS - 1 - second]++;
		return;
	}
	sum->due[second]++;
	sum->closes_10s += second >= TWS_AGE_BINS - TWS_RATE_BINS;
}

/**
 * tws_ends_sum() - how the ports that connect() skips come and go
 * @sum:	result
 * @ends:	what was taken down of all sockets that have one of them
 * @open:	bitmap of the ports that are tried and not reserved
 * @usable:	bitmap of those that connect() does not skip
 * @fin_s:	see tws_turnover_fin_wait2()
 *
 * A port without a socket that was taken down is kept: by a listener, or by a socket that
 * is bound and not connected. If such a socket shares its port with timewait sockets only,
 * the port counts as theirs.
 *
 * Context: process context, may sleep.
 */
void tws_ends_sum(struct tws_turnover *sum, const struct tws_ends *ends,
		  const unsigned long *open, const unsigned long *usable, u32 fin_s)
{
	u32 fin_wait2_age[TWS_AGE_BINS] = {};
	u32 word, bit;

	memset(sum, 0, sizeof(*sum));
	for (word = 0; word < BITS_TO_LONGS(TWS_PORTS); word++) {
		const unsigned long skipped = open[word] & ~usable[word];

		for_each_set_bit(bit, &skipped, BITS_PER_LONG) {
			const u32 port = word * BITS_PER_LONG + bit;
			const u8 *page = ends->page[port / PAGE_SIZE];

			tws_end_add(sum, fin_wait2_age, page ? page[port % PAGE_SIZE] : 0);
		}
	}
	cond_resched();
	tws_turnover_fin_wait2(sum, fin_wait2_age, fin_s);
}
