// SPDX-License-Identifier: GPL-2.0-only
/*
 * dial: holds as many connections as it is told to, number after number. Those
 * too many are reset: a reset gives the port back at once, a close would not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#define MAX_HELD	65536

static int held[MAX_HELD];
static unsigned int nr_held;

/* Does not block, and a reset comes of itself if this program is killed. */
static void dial_up(const struct opts *o)
{
	const struct linger l = { .l_onoff = 1, .l_linger = 0 };
	int fd = client_socket(o, &o->from, &o->to);

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK))
		die_errno("client socket");
	if (connect(fd, &o->to.sa, addr_len(&o->to)) && errno != EINPROGRESS)
		die_errno("connect number %u", nr_held + 1);
	held[nr_held++] = fd;
}

int cmd_dial(int argc, char **argv)
{
	unsigned int want;
	struct opts o;

	if (opts_parse(argc, argv, &o) != argc || !o.to.set)
		die("dial needs --to ADDR:PORT and takes options only");
	raise_fd_limit();
	while (scanf("%u", &want) == 1) {
		if (want > MAX_HELD)
			die("at most %u", MAX_HELD);
		while (nr_held < want)
			dial_up(&o);
		while (nr_held > want)
			close(held[--nr_held]);
		printf("%u\n", nr_held);
		fflush(stdout);
	}
	return 0;
}
