// SPDX-License-Identifier: GPL-2.0-only
/* A network namespace of its own for every round, with random settings. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "predict.h"

struct world world;

/* linux/ipv6.h, which has it, does not go with the C library's headers. */
struct address_request {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die_errno("%s", path);
	close(fd);
}

/* Returns false where the kernel has no such setting. */
bool write_setting(const char *name, const char *fmt, ...)
{
	char path[128], text[256];
	va_list args;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	if (access(path, W_OK))
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	story("  %s=%s\n", name, text);
	strcat(text, "\n");
	write_file(path, text);
	return true;
}

void set_range(unsigned int low, unsigned int high)
{
	world.low = low;
	world.high = high;
	write_setting("ip_local_port_range", "%u %u", low, high);
}

/* 10.9/16 on lo: all of it is local then, and yet not loopback to TCP. */
static void add_v4(int fd)
{
	struct sockaddr_in *sin;
	struct ifreq req = { .ifr_name = "lo" };

	req.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &req))
		die_errno("lo");
	strcpy(req.ifr_name, "lo:1");
	sin = (struct sockaddr_in *)&req.ifr_addr;
	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = inet_addr("10.9.0.1");
	if (ioctl(fd, SIOCSIFADDR, &req))
		die_errno("10.9.0.1");
	sin->sin_addr.s_addr = inet_addr("255.255.0.0");
	if (ioctl(fd, SIOCSIFNETMASK, &req))
		die_errno("netmask of 10.9.0.1");
}

static bool add_v6(const char *text)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), tries;
	struct address_request req = { .prefixlen = 128, .ifindex = 1 };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = 9 };

	if (fd < 0)
		return false;
	inet_pton(AF_INET6, text, &req.addr);
	if (ioctl(fd, SIOCSIFADDR, &req))
		die_errno("%s", text);
	/* It is good for use a moment later, when a work queue has had it. */
	to.sin6_addr = req.addr;
	for (tries = 0; bind(fd, (void *)&to, sizeof(to)) ||
			connect(fd, (void *)&to, sizeof(to)); tries++) {
		if (tries == 2000)
			die_errno("%s is of no use", text);
		close(fd);
		nap_ms(5);
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	close(fd);
	return true;
}

/*
 * A VRF with a device in it, and a device outside: both swallow what is sent to
 * 10.8/16. The VRF has an address of its own, too, where we can answer.
 */
static bool add_devices(void)
{
	static const char commands[] =
		"ip -batch - >/dev/null 2>&1 <<.\n"
		"link add vrf0 type vrf table 10\n"
		"link set vrf0 up\n"
		"addr add 10.7.0.1/32 dev vrf0\n"
		"addr add 10.7.0.2/32 dev vrf0\n"
		"link add inside type dummy\n"
		"link set inside master vrf0\n"
		"link set inside up\n"
		"addr add 10.8.0.1/24 dev inside\n"
		"link add outside type dummy\n"
		"link set outside up\n"
		"addr add 10.8.0.1/24 dev outside\n"
		".\n";

	return !system(commands);
}

static unsigned int random_size(void)
{
	if (one_in(12))
		return 1 + below(3);
	return one_in(4) ? 1 + below(64) : 2 * (1 + below(32));
}

static void random_settings(void)
{
	const unsigned int low = 10000 + below(50000);

	set_range(low, low + random_size() - 1);
	write_setting("tcp_tw_reuse", "%u", below(3));
	if (one_in(3))
		write_setting("tcp_tw_reuse_delay", "%u",
			      one_in(2) ? 1 + below(50) : 1 + below(3000));
}

void world_begin(void)
{
	const bool own_table = one_in(6);
	int fd;

	memset(&world, 0, sizeof(world));
	/* The table of a namespace is what its parent's setting says. */
	if (own_table) {
		if (unshare(CLONE_NEWNET))
			die_errno("network namespace");
		write_setting("tcp_child_ehash_entries", "%u",
			      16u << below(6));
	}
	if (unshare(CLONE_NEWNET))
		die_errno("network namespace");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die_errno("socket");
	add_v4(fd);
	close(fd);
	if (one_in(3))
		world.ipv6 = add_v6("fd09::1") && add_v6("fd09::2");
	if (one_in(5)) {
		world.devices = add_devices();
		story("  devices: %s\n", world.devices ? "yes" : "none here");
		write_setting("tcp_l3mdev_accept", "%u", below(2));
	}
	random_settings();
	listeners_begin();
	world.made_ms = now_ms();
}
