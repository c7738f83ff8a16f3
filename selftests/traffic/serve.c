// SPDX-License-Identifier: GPL-2.0-only
/* serve: accepts for as long as it lives, and closes when the client does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

static void watch(int poller, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &ev))
		die_errno("epoll_ctl");
}

static void serve_client(const struct opts *o, int poller, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	/* A client that gave up, or no file left: neither ends a server. */
	if (fd < 0)
		return;
	if (o->server_closes)
		close(fd);
	else
		watch(poller, fd);
}

static void drain(int fd)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(fd);
}

int cmd_serve(int argc, char **argv)
{
	int first, poller, listener;
	struct addr where;
	struct opts o;

	first = opts_parse(argc, argv, &o);
	if (argc - first != 2)
		die("serve needs ADDR PORT");
	addr_parse(argv[first], &where);
	addr_set_port(&where, parse_number(argv[first + 1]));
	if (o.mapped_server)
		addr_map(&where);
	raise_fd_limit();
	listener = listener_socket(&o, &where);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (poller < 0)
		die_errno("epoll_create1");
	watch(poller, listener);
	if (!o.background)
		puts("ready");
	become_background(&o);
	for (;;) {
		struct epoll_event ev[64];
		int i, n = epoll_wait(poller, ev, 64, -1);

		for (i = 0; i < n; i++) {
			if (ev[i].data.fd == listener)
				serve_client(&o, poller, listener);
			else
				drain(ev[i].data.fd);
		}
	}
}
