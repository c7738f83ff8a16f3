// SPDX-License-Identifier: GPL-2.0-only
/* The table's number, then as many connect() calls as the kernel grants. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "predict.h"

static int *clients;
static unsigned int n_clients, room;

static void remember(int fd)
{
	if (n_clients == room) {
		room = room ? 2 * room : 256;
		clients = realloc(clients, room * sizeof(*clients));
		if (!clients)
			die_errno("memory");
	}
	clients[n_clients++] = fd;
}

static void connect_all(const struct pair *p)
{
	const struct how how = {
		.reuseaddr = one_in(6), .reuseport = one_in(6),
	};

	n_clients = 0;
	for (;;) {
		int fd = pair_socket(p, &how);

		if (fd < 0)
			die("bind() without a port found none");
		if (!pair_connect(p, fd)) {
			close(fd);
			return;
		}
		remember(fd);
	}
}

/* Most leave without a trace; some stay, the ends as strangers to each other. */
static void disperse(const struct pair *p)
{
	const unsigned int staying = one_in(4) ? below(n_clients + 1) : 0;
	unsigned int i;

	for (i = 0; i < n_clients; i++) {
		int server = pair_accept(p);

		if (server >= 0)
			keep(server, -1);
	}
	for (i = 0; i < n_clients; i++) {
		if (i < staying)
			keep(clients[i], -1);
		else
			reset(clients[i]);
	}
}

static enum verdict judge(unsigned int said, unsigned int found,
			  unsigned int ripe)
{
	const unsigned int size = world.high - world.low + 1;
	/* Of an odd range connect() leaves out one port, now this, now that. */
	const unsigned int odd = size > 1 && size % 2;

	if (found + odd < said || found > said + odd + ripe)
		return WRONG;
	return found > said + odd ? RIGHT_BUT_FOR_TIME : RIGHT;
}

enum verdict check_pair(const struct pair *p)
{
	const bool with_reuse = one_in(3);
	const unsigned long long begin = now_ms();
	unsigned long long end;
	enum verdict verdict;
	unsigned int said, ripe;
	struct told told;

	table_read(p, &told);
	if (!told.row && p->dev)
		return NOT_TOLD;
	said = told.row ? told.free : told.usable;
	if (with_reuse) {
		said += told.reuse_if;
		write_number("tcp_tw_reuse", 1);
	}
	connect_all(p);
	end = now_ms();
	ripe = ripening(begin, end);
	verdict = judge(said, n_clients, ripe);
	if (end - world.made_ms > TOO_OLD_MS)
		verdict = TOO_SLOW;
	story("  %s%s%s to %s%s%s: table %u (%s), connect() %u, of age meanwhile %u\n",
	      p->local, p->dev ? "%" : "", p->dev ? p->dev : "", p->remote,
	      p->mapped ? " mapped" : "",
	      with_reuse ? " with tcp_tw_reuse=1" : "", said, told.row ? "row" : "header",
	      n_clients, ripe);
	disperse(p);
	return verdict;
}
