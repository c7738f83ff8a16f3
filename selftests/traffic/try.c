// SPDX-License-Identifier: GPL-2.0-only
/*
 * try: how many connect() calls work before one finds no port. They do not
 * block: the port is taken when connect() returns, whoever answers or not.
 * Whoever listens must exist, though, or a reset gives the port back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

/* A reset leaves no TIME_WAIT: what was before is what is after. */
static void reset(int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

int cmd_try(int argc, char **argv)
{
	unsigned int i, made = 0;
	struct opts o;
	int *fds;

	if (opts_parse(argc, argv, &o) != argc || !o.to.set)
		die("try needs --to ADDR:PORT and takes options only");
	raise_fd_limit();
	fds = calloc(o.limit ? o.limit : 1, sizeof(*fds));
	if (!fds)
		die_errno("memory");
	if (o.no_timestamps)
		timestamps_off();
	while (made < o.limit) {
		int fd = client_socket(&o, &o.from, &o.to);

		if (fcntl(fd, F_SETFL, O_NONBLOCK))
			die_errno("fcntl");
		if (connect(fd, &o.to.sa, addr_len(&o.to)) &&
		    errno != EINPROGRESS) {
			if (errno != EADDRNOTAVAIL)
				die_errno("connect number %u", made + 1);
			close(fd);
			break;
		}
		fds[made++] = fd;
	}
	timestamps_restore();
	printf("%u\n", made);
	if (o.keep)
		stay(&o);
	for (i = 0; i < made; i++)
		reset(fds[i]);
	return 0;
}
