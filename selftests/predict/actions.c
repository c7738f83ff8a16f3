// SPDX-License-Identifier: GPL-2.0-only
/* What may happen in a namespace. Each action makes a few sockets, or ends some. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "predict.h"

/* Connected or bound, client or both ends; -1 where there is none. */
struct held {
	int first, second;
};

static struct held *held;
static unsigned int n_held, room;

void keep(int first, int second)
{
	if (n_held == room) {
		room = room ? 2 * room : 1024;
		held = realloc(held, room * sizeof(*held));
		if (!held)
			die_errno("memory");
	}
	held[n_held++] = (struct held){ first, second };
}

void let_go_of_all(void)
{
	while (n_held--) {
		if (held[n_held].first >= 0)
			reset(held[n_held].first);
		if (held[n_held].second >= 0)
			reset(held[n_held].second);
	}
	n_held = 0;
}

static const char *name_of(const struct pair *p)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s%s%s%s to %s", p->mapped ? "mapped " : "",
		 p->local, p->dev ? "%" : "", p->dev ? p->dev : "", p->remote);
	return name;
}

/* A few, in proportion to the range; rarely all of it. */
static unsigned int a_few(void)
{
	const unsigned int size = world.high - world.low + 1;

	return 1 + below(one_in(8) ? size : size / 4 + 1);
}

enum ending {
	CLIENT_CLOSES, SERVER_CLOSES, STAYS, HALF_CLOSED, ORPHANED, N_ENDINGS
};

static void end_pair(enum ending ending, int client, int server)
{
	switch (ending) {
	case CLIENT_CLOSES:
		close_first(client, server);
		break;
	case SERVER_CLOSES:
		close_first(server, client);
		break;
	case HALF_CLOSED:
		shutdown(client, SHUT_WR);
		wait_for_eof(server);
		keep(client, server);
		break;
	case ORPHANED:
		close(client);
		wait_for_eof(server);
		acknowledge(server);
		keep(-1, server);
		break;
	default:
		keep(client, server);
	}
}

/* Returns false if there is no port left. */
static bool one_pair(const struct pair *p, const struct how *how,
		     enum ending ending)
{
	const unsigned long long before = now_ms();
	int client = pair_socket(p, how);

	if (client < 0)
		return false;
	if (!pair_connect(p, client)) {
		close(client);
		return false;
	}
	if (p->silent)
		keep(client, -1);
	else
		end_pair(ending, client, pair_accept(p));
	closed_between(before, now_ms());
	return true;
}

static void connections(void)
{
	static const char *const names[] = {
		"closed by the client", "closed by the server", "kept",
		"half closed", "orphaned",
	};
	const struct pair *p = random_pair();
	const enum ending ending = one_in(2) ? CLIENT_CLOSES : below(N_ENDINGS);
	const struct how how = {
		.reuseaddr = one_in(6), .reuseport = one_in(6),
		.bind = one_in(5),
	};
	const bool timestamps = !one_in(5);
	const unsigned int n = a_few();
	unsigned int made;

	if (!timestamps)
		write_setting("tcp_timestamps", "0");
	for (made = 0; made < n && one_pair(p, &how, ending); made++)
		;
	if (!timestamps)
		write_setting("tcp_timestamps", "1");
	story("  %u of %u from %s, %s%s%s%s\n", made, n, name_of(p),
	      p->silent ? "unanswered" : names[ending],
	      how.bind ? ", port by bind()" : "",
	      how.reuseaddr ? ", SO_REUSEADDR" : "",
	      how.reuseport ? ", SO_REUSEPORT" : "");
}

/* bind() to any port or to one of the range, perhaps one that is in use. */
static void bound_sockets(void)
{
	const struct pair *p = random_pair();
	const bool listening = one_in(3), chosen = one_in(2);
	const unsigned int n = one_in(3) ? a_few() : 1 + below(3);
	struct how how = {
		.reuseaddr = one_in(3), .reuseport = one_in(3),
		.bind = true, .any = one_in(3),
	};
	unsigned int made = 0, i;

	for (i = 0; i < n; i++) {
		int fd;

		if (chosen)
			how.port = world.low +
				   below(world.high - world.low + 1);
		fd = pair_socket(p, &how);
		if (fd < 0)
			continue;
		/* Of two that share a port only one may go on to listen. */
		if (listening && listen(fd, 5) && errno != EADDRINUSE)
			die_errno("listen");
		keep(fd, -1);
		made++;
	}
	story("  %u of %u bound like %s%s%s%s%s%s\n", made, n, name_of(p),
	      how.any ? ", any address" : "", chosen ? ", chosen ports" : "",
	      listening ? ", listening" : "",
	      how.reuseaddr ? ", SO_REUSEADDR" : "",
	      how.reuseport ? ", SO_REUSEPORT" : "");
}

/*
 * Listeners of every address on ports of the range, of one VRF or of none: they take
 * these ports from the connections of their own VRF only.
 */
void listeners_somewhere(void)
{
	static const char *const devs[] = { NULL, "vrf0", "inside", "outside" };
	const char *dev = devs[below(ARRAY_SIZE(devs))];
	const struct pair anywhere = { .local = "0.0.0.0", .dev = dev };
	struct how how = { .reuseaddr = true, .bind = true };
	const unsigned int n = 1 + below(4);
	unsigned int made = 0, i;

	for (i = 0; i < n; i++) {
		int fd;

		how.port = world.low + below(world.high - world.low + 1);
		fd = pair_socket(&anywhere, &how);
		if (fd < 0)
			continue;
		if (listen(fd, 5)) {
			if (errno != EADDRINUSE)
				die_errno("listen");
			close(fd);
			continue;
		}
		keep(fd, -1);
		made++;
	}
	story("  %u of %u listening on every address%s%s\n", made, n,
	      dev ? " of " : "", dev ? dev : "");
}

static void let_go_of_one(unsigned int i, unsigned int manner)
{
	const struct held h = held[i];

	held[i] = held[--n_held];
	if (manner && h.first >= 0 && h.second >= 0) {
		close_first(h.first, h.second);
		return;
	}
	if (h.first >= 0)
		reset(h.first);
	if (h.second >= 0)
		reset(h.second);
}

static void let_go(void)
{
	const unsigned int n = 1 + below(n_held), manner = below(2);
	const unsigned long long before = now_ms();
	unsigned int i;

	if (!n_held)
		return;
	for (i = 0; i < n; i++)
		let_go_of_one(below(n_held), manner);
	for (i = 0; i < n; i++)
		closed_between(before, now_ms());
	story("  let go of %u, by %s\n", n, manner ? "closing" : "resets");
}

/* Inside the range, across its ends, around it, none. */
static void reserve(void)
{
	const unsigned int size = world.high - world.low + 1;
	unsigned int first = world.low + below(size), n = 1 + below(size);
	char text[48];

	switch (below(5)) {
	case 0:
		write_setting("ip_local_reserved_ports", "");
		return;
	case 1:
		first -= below(size);
		break;
	case 2:
		first = world.low - 5;
		n = size + 10;
		break;
	default:
		n = 1 + below(size / 3 + 1);
	}
	snprintf(text, sizeof(text), "%u-%u,%u", first, first + n - 1,
		 world.low + below(size));
	write_setting("ip_local_reserved_ports", text);
}

static void change_setting(void)
{
	switch (below(4)) {
	case 0:
		write_number("tcp_tw_reuse", below(3));
		break;
	case 1:
		set_range(world.low - below(3), world.high + below(8));
		break;
	case 2:
		if (world.high - world.low > 8)
			set_range(world.low + below(4), world.high - below(4));
		break;
	default:
		reserve();
	}
}

/* So that TIME_WAITs come of age. */
static void wait_a_little(void)
{
	const unsigned int ms = one_in(2) ? 1 + below(100) : 1000 + below(300);

	nap_ms(ms);
	story("  %u ms pass\n", ms);
}

void act(void)
{
	switch (below(12)) {
	case 0:
	case 1:
		if (world.devices && one_in(2))
			listeners_somewhere();
		else
			bound_sockets();
		break;
	case 2:
		let_go();
		break;
	case 3:
		change_setting();
		break;
	case 4:
		wait_a_little();
		break;
	default:
		connections();
	}
}
