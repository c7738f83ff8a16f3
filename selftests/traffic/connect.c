// SPDX-License-Identifier: GPL-2.0-only
/* connect: calls connect() a number of times, and tells how each sort ended. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

#define MAX_ERRNO	256

static int connect_once(const struct opts *o, const struct addr *to)
{
	const struct linger l = { .l_onoff = 1, .l_linger = 0 };
	int fd = client_socket(o, &o->from, to);
	int error = 0;

	if (connect(fd, &to->sa, addr_len(to)))
		error = errno;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
	return error;
}

int cmd_connect(int argc, char **argv)
{
	unsigned int ended[MAX_ERRNO] = { 0 }, i, d;
	struct opts o;

	if (opts_parse(argc, argv, &o) != argc || !o.to.set)
		die("connect needs --to ADDR:PORT and takes options only");
	for (d = 0; d < o.destinations; d++) {
		struct addr to = o.to;

		addr_advance(&to, d);
		for (i = 0; i < o.count; i++)
			ended[connect_once(&o, &to) % MAX_ERRNO]++;
	}
	for (i = 0; i < MAX_ERRNO; i++)
		if (ended[i])
			printf("%s %u\n", i ? strerrorname_np(i) : "connected",
			       ended[i]);
	return 0;
}
