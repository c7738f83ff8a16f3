// SPDX-License-Identifier: GPL-2.0-only
/* The pairs there are, and their sockets one by one. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "predict.h"

/* Few of them, so that they get in each other's way. */
const struct pair pairs[] = {
	{ .local = "10.9.0.1", .remote = "10.9.1.1:443" },
	{ .local = "10.9.0.1", .remote = "10.9.1.1:443", .mapped = true },
	{ .local = "10.9.0.1", .remote = "10.9.1.1:443", .dev = "lo" },
	{ .local = "10.9.0.1", .remote = "10.9.1.1:80" },
	{ .local = "10.9.0.2", .remote = "10.9.1.1:443" },
	{ .local = "10.9.0.1", .remote = "10.9.1.2:443" },
	{ .local = "127.0.0.1", .remote = "127.0.0.1:443" },
	{ .local = "127.0.0.1", .remote = "127.0.0.1:443", .mapped = true },
	{ .local = "127.0.0.1", .remote = "127.0.0.1:443", .dev = "lo" },
	{ .local = "127.0.0.2", .remote = "127.9.9.9:80" },
	{ .local = "127.0.0.1", .remote = "10.9.1.1:443" },
	{ .local = "fd09::1", .remote = "[fd09::2]:443", .needs_ipv6 = true },
	{ .local = "fd09::1", .remote = "[fd09::2]:443", .dev = "lo",
	  .needs_ipv6 = true },
	{ .local = "::1", .remote = "[::1]:443", .needs_ipv6 = true },
	{ .local = "10.7.0.1", .remote = "10.7.0.2:443", .dev = "vrf0",
	  .needs_devices = true },
	{ .local = "10.8.0.1", .remote = "10.8.0.2:443", .silent = true,
	  .needs_devices = true },
	{ .local = "10.8.0.1", .remote = "10.8.0.2:443", .silent = true,
	  .dev = "outside", .needs_devices = true },
	{ .local = "10.8.0.1", .remote = "10.8.0.2:443", .silent = true,
	  .dev = "inside", .needs_devices = true },
	{ .local = "10.8.0.1", .remote = "10.8.0.2:443", .silent = true,
	  .dev = "vrf0", .needs_devices = true },
};

const unsigned int n_pairs = ARRAY_SIZE(pairs);

/* On every address: 443 outside of VRFs and in the VRF, 80 outside. */
static struct pollfd listeners[3];

static int listener(const char *where, const char *dev)
{
	struct opts o = { .server_dev = dev };
	struct addr a;

	addr_parse(where, &a);
	return listener_socket(&o, &a);
}

static void set_listener(unsigned int i, int fd)
{
	listeners[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

void listeners_begin(void)
{
	char accept = '0';
	int fd = open("/proc/sys/net/ipv4/tcp_l3mdev_accept",
		      O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &accept, 1) != 1)
			die_errno("net.ipv4.tcp_l3mdev_accept");
		close(fd);
	}
	set_listener(0, listener("[::]:443", NULL));
	set_listener(1, listener("[::]:80", NULL));
	/* With tcp_l3mdev_accept the first one serves the VRF as well. */
	set_listener(2, world.devices && accept == '0' ?
			listener("[::]:443", "vrf0") : -1);
}

static void set_int(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die_errno("setsockopt %d/%d", level, name);
}

static struct addr local_address(const struct pair *p, const struct how *how)
{
	struct addr a;

	addr_parse(p->local, &a);
	if (how->any)
		addr_wildcard(&a);
	if (p->mapped)
		addr_map(&a);
	if (how->bind)
		addr_set_port(&a, how->port);
	return a;
}

/* Not yet connected. Returns -1 if bind() found no port. */
int pair_socket(const struct pair *p, const struct how *how)
{
	const struct addr a = local_address(p, how);
	int fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die_errno("socket");
	if (p->dev && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->dev,
				 strlen(p->dev) + 1))
		die_errno("cannot bind a socket to device %s", p->dev);
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, how->reuseaddr);
	set_int(fd, SOL_SOCKET, SO_REUSEPORT, how->reuseport);
	if (!how->bind)
		set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (!bind(fd, &a.sa, addr_len(&a)))
		return fd;
	if (errno != EADDRINUSE)
		die_errno("bind to %s", p->local);
	close(fd);
	return -1;
}

/* One of the listeners has it, or will have in a moment. */
int pair_accept(const struct pair *p)
{
	unsigned int i;

	if (p->silent)
		return -1;
	if (poll(listeners, 3, 20000) <= 0)
		die("a connection to %s did not arrive", p->remote);
	for (i = 0; i < 3; i++)
		if (listeners[i].revents & POLLIN)
			return accept_one(listeners[i].fd);
	die("a listener has gone");
}

/*
 * Returns false if there was no port. Does not block: whoever is silent has its
 * port all the same.
 */
bool pair_connect(const struct pair *p, int client)
{
	struct addr to;

	addr_parse(p->remote, &to);
	if (p->mapped)
		addr_map(&to);
	if (fcntl(client, F_SETFL, O_NONBLOCK))
		die_errno("fcntl");
	if (connect(client, &to.sa, addr_len(&to)) && errno != EINPROGRESS) {
		if (errno != EADDRNOTAVAIL)
			die_errno("connect from %s to %s", p->local, p->remote);
		return false;
	}
	if (fcntl(client, F_SETFL, 0))
		die_errno("fcntl");
	return true;
}

/*
 * Sends the ACK for the other end's FIN, if it is being delayed: it would come
 * while we look, and end a socket for which no timewait socket may be made
 * (tcp_max_tw_buckets, tcp_minisocks.c:tcp_time_wait()).
 */
void acknowledge(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

void reset(int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}
