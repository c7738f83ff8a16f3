// SPDX-License-Identifier: GPL-2.0-only
/* A network namespace of its own for every round, with random settings. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "predict.h"

struct world world;

/* linux/ipv6.h, which has it, does not go with the C library's headers. */
struct address_request {
	struct in6_addr addr;
	unsigned int prefixlen;
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
bool write_setting(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	if (access(path, W_OK))
		return false;
	story("  %s=%s\n", name, text);
	write_file(path, *text ? text : "\n");
	return true;
}

bool write_number(const char *name, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return write_setting(name, text);
}

void set_range(unsigned int low, unsigned int high)
{
	char text[32];

	world.low = low;
	world.high = high;
	snprintf(text, sizeof(text), "%u %u", low, high);
	write_setting("ip_local_port_range", text);
}

/* 10.9/16 on lo: all of it is local then, and yet not loopback to TCP. */
static void add_v4(int fd)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct ifreq alias = { .ifr_name = "lo:1" };
	struct sockaddr_in *sin = (struct sockaddr_in *)&alias.ifr_addr;

	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		die_errno("lo");
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = inet_addr("10.9.0.1");
	if (ioctl(fd, SIOCSIFADDR, &alias))
		die_errno("10.9.0.1");
	sin->sin_addr.s_addr = inet_addr("255.255.0.0");
	if (ioctl(fd, SIOCSIFNETMASK, &alias))
		die_errno("netmask of 10.9.0.1");
}

static int udp_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno != EAFNOSUPPORT)
		die_errno("socket");
	return fd;
}

static bool is_of_use(const struct sockaddr_in6 *a)
{
	const struct sockaddr *sa = (const struct sockaddr *)a;
	int fd = udp_socket(AF_INET6);
	bool use = !bind(fd, sa, sizeof(*a)) && !connect(fd, sa, sizeof(*a));

	close(fd);
	return use;
}

static bool add_v6(const char *text)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = 9 };
	struct address_request req = { .prefixlen = 128, .ifindex = 1 };
	int fd = udp_socket(AF_INET6), tries;

	if (fd < 0)
		return false;
	inet_pton(AF_INET6, text, &req.addr);
	if (ioctl(fd, SIOCSIFADDR, &req))
		die_errno("%s", text);
	close(fd);
	/* It is good for use a moment later, when a work queue has had it. */
	a.sin6_addr = req.addr;
	for (tries = 0; !is_of_use(&a); tries++) {
		if (tries == 2000)
			die("%s is of no use", text);
		nap_ms(5);
	}
	return true;
}

/*
 * Not by a shell: busybox's takes its own ip for it, which knows no VRFs. Returns false
 * if a command fails.
 */
static bool run_ip(const char *commands)
{
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		die_errno("pipe");
	pid = fork();
	if (pid < 0)
		die_errno("fork");
	if (!pid) {
		dup2(ends[0], 0);
		execlp("ip", "ip", "-batch", "-", NULL);
		_exit(127);
	}
	close(ends[0]);
	if (write(ends[1], commands, strlen(commands)) != (ssize_t)strlen(commands))
		die_errno("ip");
	close(ends[1]);
	if (waitpid(pid, &status, 0) != pid)
		die_errno("ip");
	return !status;
}

/*
 * A VRF with a device in it, and a device outside: both swallow what is sent to
 * 10.8/16. The VRF has an address of its own, too, where we can answer.
 */
static bool add_devices(void)
{
	static const char commands[] =
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
		"addr add 10.8.0.1/24 dev outside\n";

	return run_ip(commands);
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
	write_number("tcp_tw_reuse", below(3));
	if (one_in(3))
		write_number("tcp_tw_reuse_delay",
			     1 + below(one_in(2) ? 50 : 3000));
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
		write_number("tcp_child_ehash_entries", 16u << below(6));
	}
	if (unshare(CLONE_NEWNET))
		die_errno("network namespace");
	fd = udp_socket(AF_INET);
	add_v4(fd);
	close(fd);
	if (one_in(3))
		world.ipv6 = add_v6("fd09::1") && add_v6("fd09::2");
	if (one_in(3)) {
		world.devices = add_devices();
		story("  devices: %s\n", world.devices ? "yes" : "none here");
		write_number("tcp_l3mdev_accept", below(2));
	}
	random_settings();
	listeners_begin();
	if (world.devices) {
		listeners_somewhere();
		listeners_somewhere();
	}
	world.made_ms = now_ms();
}
