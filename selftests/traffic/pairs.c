// SPDX-License-Identifier: GPL-2.0-only
/*
 * pairs: both ends of every connection are in this process, so who closes
 * first, and with that who has the TIME_WAIT, is certain.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

struct ends {
	int client, server;	/* server is -1 when it is somebody else's */
};

/*
 * A client that closes last leaves no trace, so connect() may pick its port
 * once more, and the second SYN would end the server's TIME_WAIT. These clients
 * take one port after the other, below any range that tests use.
 */
#define FIRST_PORT 10000
#define NR_PORTS 20000

static struct addr client_address(const struct opts *o, const struct addr *to)
{
	static unsigned int n;
	struct addr from = o->from;

	if (!o->server_closes || o->early_bind ||
	    (from.set && addr_port(&from)))
		return from;
	if (!from.set) {
		from = *to;
		addr_wildcard(&from);
	}
	addr_set_port(&from, FIRST_PORT + n++ % NR_PORTS);
	return from;
}

/* False only with --forever, when there is no port: that is to be waited out. */
static bool connect_pair(const struct opts *o, const struct addr *from,
			 const struct addr *to, int listener, struct ends *e)
{
	e->client = client_socket(o, from, to);
	e->server = -1;
	if (connect(e->client, &to->sa, addr_len(to))) {
		if (!o->forever)
			die_errno("connect");
		close(e->client);
		return false;
	}
	if (listener >= 0)
		e->server = accept_one(listener);
	return true;
}

static void close_pair(const struct opts *o, const struct ends *e)
{
	if (e->server < 0 && o->server_closes)
		close_second(e->client);
	else if (e->server < 0)
		close_before_stranger(e->client);
	else if (o->server_closes)
		close_first(e->server, e->client);
	else
		close_first(e->client, e->server);
}

/* Each close is written down at once: somebody may read meanwhile. */
static FILE *open_times(const char *name)
{
	FILE *times = fopen(name, "w");

	if (!times)
		die_errno("%s", name);
	setvbuf(times, NULL, _IOLBF, 0);
	return times;
}

static void in_turn(const struct opts *o, struct timespec *turn)
{
	if (o->interval_ms)
		wait_for_turn(o->interval_ms, turn);
}

static void close_many(const struct opts *o, int listener)
{
	struct timespec turn = { 0, 0 };
	FILE *times = o->times ? open_times(o->times) : NULL;
	unsigned long long began;
	unsigned int d, i;

	for (d = 0; d < o->destinations; d++) {
		struct addr to = o->to;

		addr_advance(&to, d);
		for (i = 0; i < o->count; i++) {
			struct addr from = client_address(o, &to);
			struct ends e;

			in_turn(o, &turn);
			if (!connect_pair(o, &from, &to, listener, &e)) {
				nap_ms(10);
				continue;
			}
			began = now_ms();
			close_pair(o, &e);
			if (times)
				fprintf(times, "%llu %llu\n", began, now_ms());
		}
	}
	if (times && fclose(times))
		die_errno("%s", o->times);
}

/*
 * The peer of @fd closes: when this returns, it is in FIN_WAIT2. Without TCP_QUICKACK the FIN
 * may be acknowledged 40 ms later (tcp_input.c:tcp_fin() enters the pingpong mode), and until
 * then it is in FIN_WAIT1.
 */
static void take_fin(int fd)
{
	int on = 1;

	wait_for_eof(fd);
	if (setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)))
		die_errno("TCP_QUICKACK");
}

static void keep_open(const struct opts *o, int listener)
{
	struct timespec turn = { 0, 0 };
	struct ends e;
	unsigned int d, i;

	for (d = 0; d < o->destinations; d++) {
		struct addr to = o->to;

		addr_advance(&to, d);
		for (i = 0; i < o->established; i++) {
			in_turn(o, &turn);
			connect_pair(o, &o->from, &to, listener, &e);
		}
	}
	for (i = 0; i < o->fin_wait2; i++) {
		in_turn(o, &turn);
		connect_pair(o, &o->from, &o->to, listener, &e);
		shutdown(o->server_closes ? e.server : e.client, SHUT_WR);
		take_fin(o->server_closes ? e.client : e.server);
	}
	for (i = 0; i < o->orphans; i++) {
		in_turn(o, &turn);
		connect_pair(o, &o->from, &o->to, listener, &e);
		close(o->server_closes ? e.server : e.client);
		take_fin(o->server_closes ? e.client : e.server);
	}
}

/*
 * A listener that defers accept keeps the request socket, and nothing more,
 * until the first byte of data comes. None does.
 */
static void keep_half_open(const struct opts *o, int listener)
{
	int seconds = 600;
	unsigned int i;

	if (!o->half_open)
		return;
	if (setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
		       sizeof(seconds)))
		die_errno("TCP_DEFER_ACCEPT");
	for (i = 0; i < o->half_open; i++) {
		int fd = client_socket(o, &o->from, &o->to);

		if (connect(fd, &o->to.sa, addr_len(&o->to)))
			die_errno("connect");
	}
}

static struct addr listener_address(const struct opts *o)
{
	struct addr where = o->listen.set ? o->listen : o->to;

	if (!o->listen.set && o->destinations > 1)
		addr_wildcard(&where);
	/* A client's mapped address says nothing about the listener. */
	if (!o->listen.set && o->mapped && !o->mapped_server) {
		struct addr plain = { .set = true };

		plain.v4.sin_family = AF_INET;
		plain.v4.sin_port = where.v6.sin6_port;
		if (!addr_is_any(&where))
			memcpy(&plain.v4.sin_addr,
			       where.v6.sin6_addr.s6_addr + 12, 4);
		return plain;
	}
	if (o->mapped_server)
		addr_map(&where);
	return where;
}

int cmd_pairs(int argc, char **argv)
{
	int listener = -1;
	struct opts o;

	if (opts_parse(argc, argv, &o) != argc || !o.to.set)
		die("pairs needs --to ADDR:PORT and takes options only");
	if (o.external && (o.fin_wait2 || o.orphans || o.half_open))
		die("--external goes with --count and --keep only");
	raise_fd_limit();
	if (!o.external) {
		struct addr where = listener_address(&o);

		listener = listener_socket(&o, &where);
	}
	if (o.forever) {
		become_background(&o);
		for (;;)
			close_many(&o, listener);
	}
	if (o.no_timestamps)
		timestamps_off();
	close_many(&o, listener);
	keep_open(&o, listener);
	keep_half_open(&o, listener);
	timestamps_restore();
	if (o.close_listener && listener >= 0)
		close(listener);
	if (o.background || o.established || o.fin_wait2 || o.orphans ||
	    o.half_open)
		stay(&o);
	return 0;
}
