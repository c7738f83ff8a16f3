// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between the read and the connect() calls that follow it time goes on, and a
 * TIME_WAIT may come of age, so that connect() takes it over and finds a port
 * more than was free. How many these can be is known from when the connections
 * were closed. All times are milliseconds since boot.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "predict.h"

#define DELAY "/proc/sys/net/ipv4/tcp_tw_reuse_delay"
/* The kernel's clock of seconds, and its timestamps, may be a tick behind. */
#define SLACK_MS	20

struct span {
	unsigned long long from, to;
};

static struct span *closed;
static unsigned int n_closed, room;

void closed_between(unsigned long long from_ms, unsigned long long to_ms)
{
	if (n_closed == room) {
		room = room ? 2 * room : 1024;
		closed = realloc(closed, room * sizeof(*closed));
		if (!closed)
			die_errno("memory");
	}
	closed[n_closed++] = (struct span){ from_ms, to_ms };
}

void closed_forget(void)
{
	n_closed = 0;
}

/* 6.14 and later wait for so long; before, for the next full second. */
static bool reuse_delay(unsigned long long *ms)
{
	int fd = open(DELAY, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		die_errno(DELAY);
	text[n] = '\0';
	*ms = strtoull(text, NULL, 10);
	return true;
}

unsigned int ripening(unsigned long long from_ms, unsigned long long to_ms)
{
	unsigned long long delay;
	const bool by_delay = reuse_delay(&delay);
	unsigned int i, n = 0;

	for (i = 0; i < n_closed; i++) {
		struct span ripe = closed[i];

		if (by_delay) {
			ripe.from += delay;
			ripe.to += delay;
		} else {
			/* Just after a full second the stamp may be the one before. */
			ripe.from = ((ripe.from - SLACK_MS) / 1000 + 1) * 1000;
			ripe.to = ((ripe.to + SLACK_MS) / 1000 + 1) * 1000;
		}
		n += ripe.from <= to_ms + SLACK_MS &&
		     ripe.to + SLACK_MS >= from_ms;
	}
	return n;
}
