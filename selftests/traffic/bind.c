// SPDX-License-Identifier: GPL-2.0-only
/* bind: how many bind() calls with port 0 work before one finds no port. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

/* Return false if there was no port. */
static bool bound(const struct opts *o, int *fd)
{
	*fd = unbound_socket(o, o->from.sa.sa_family);
	if (!bind(*fd, &o->from.sa, addr_len(&o->from)))
		return true;
	if (errno != EADDRINUSE)
		die_errno("bind");
	close(*fd);
	return false;
}

int cmd_bind(int argc, char **argv)
{
	unsigned int i, made = 0;
	struct opts o;
	int *fds;

	if (opts_parse(argc, argv, &o) != argc || !o.from.set || addr_port(&o.from))
		die("bind needs --from ADDR and takes options only");
	raise_fd_limit();
	fds = calloc(o.limit ? o.limit : 1, sizeof(*fds));
	if (!fds)
		die_errno("memory");
	while (made < o.limit && bound(&o, &fds[made]))
		made++;
	printf("%u\n", made);
	for (i = o.established; i < made; i++)
		close(fds[i]);
	if (o.established)
		stay(&o);
	return 0;
}
