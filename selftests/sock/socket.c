// SPDX-License-Identifier: GPL-2.0-only
/* Making one socket the way the options say. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sock.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

static void set_int(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die_errno("setsockopt %d/%d", level, name);
}

static void set_device(int fd, const char *dev)
{
	if (dev && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
			      strlen(dev) + 1))
		die_errno("cannot bind a socket to device %s", dev);
}

/* Linux 6.3; the headers here may be older. */
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

/* Everything but the bind() and the connect(). */
int unbound_socket(const struct opts *o, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC,
			o->mptcp ? IPPROTO_MPTCP : 0);

	if (fd < 0)
		die_errno("socket");
	set_device(fd, o->dev);
	if (o->reuseaddr)
		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (o->reuseport)
		set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (o->last_port)
		set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, o->last_port << 16);
	if (o->v6only && family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	return fd;
}

/* Everything but the connect(). */
int client_socket(const struct opts *o, const struct addr *from,
		  const struct addr *to)
{
	int fd = unbound_socket(o, to->sa.sa_family);

	if (!from->set)
		return fd;
	/* Pick only the address now: connect() then picks the port. */
	if (!addr_port(from) && !o->early_bind)
		set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (bind(fd, &from->sa, addr_len(from)))
		die_errno("bind");
	return fd;
}

static void enter_netns(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die_errno("cannot enter the network namespace");
}

int listener_socket(const struct opts *o, const struct addr *where)
{
	int fd, home = -1, away;

	if (o->server_netns) {
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		away = open(o->server_netns, O_RDONLY | O_CLOEXEC);
		if (home < 0 || away < 0)
			die_errno("cannot open %s", o->server_netns);
		enter_netns(away);
		close(away);
	}
	fd = socket(where->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die_errno("socket");
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (where->sa.sa_family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, o->v6only);
	if (o->share_port)
		set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	set_device(fd, o->server_dev);
	if (bind(fd, &where->sa, addr_len(where)))
		die_errno("cannot bind the listener to port %u",
			  addr_port(where));
	if (listen(fd, 65535))
		die_errno("listen");
	if (home >= 0) {
		enter_netns(home);
		close(home);
	}
	return fd;
}

int accept_one(int listener)
{
	int fd;

	do {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		die_errno("accept");
	return fd;
}

/* Close in order: the second end closes once it has seen the first one's FIN. */
void wait_for_eof(int fd)
{
	char buf[256];
	ssize_t n;

	do {
		n = read(fd, buf, sizeof(buf));
	} while (n > 0 || (n < 0 && errno == EINTR));
}

void raise_fd_limit(void)
{
	struct rlimit r = { .rlim_cur = 1048576, .rlim_max = 1048576 };

	if (!setrlimit(RLIMIT_NOFILE, &r) || getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* No socket option turns timestamps off, only the namespace's sysctl. */
static char timestamps_before;

static char timestamps_swap(char value)
{
	int fd = open("/proc/sys/net/ipv4/tcp_timestamps", O_RDWR | O_CLOEXEC);
	char before;

	if (fd < 0 || pread(fd, &before, 1, 0) != 1 ||
	    pwrite(fd, &value, 1, 0) != 1)
		die_errno("net.ipv4.tcp_timestamps");
	close(fd);
	return before;
}

void timestamps_off(void)
{
	timestamps_before = timestamps_swap('0');
}

void timestamps_restore(void)
{
	if (timestamps_before)
		timestamps_swap(timestamps_before);
	timestamps_before = 0;
}
