// SPDX-License-Identifier: GPL-2.0-only
/* hold: sockets that do not connect, or not at once; selfconnect: the reverse. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic.h"

static void hold_bound(const struct opts *o, unsigned int i)
{
	struct addr from = o->from;

	if (addr_port(&from) && !o->one_port)
		addr_set_port(&from, addr_port(&from) + i);
	addr_advance(&from, i % o->destinations);
	client_socket(o, &from, &from);
}

static void hold_listening(const struct opts *o, unsigned int i)
{
	struct addr from = o->from;

	if (addr_port(&from))
		addr_set_port(&from, addr_port(&from) + i);
	listener_socket(o, &from);
}

/* All of them on one port. */
static void hold_sharing(const struct opts *o, unsigned int i)
{
	struct opts sharing = *o;

	(void)i;
	sharing.share_port = true;
	listener_socket(&sharing, &o->from);
}

static void hold_udp(const struct opts *o, unsigned int i)
{
	int fd = socket(o->to.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)i;
	if (fd < 0 ||
	    (o->from.set && bind(fd, &o->from.sa, addr_len(&o->from))) ||
	    connect(fd, &o->to.sa, addr_len(&o->to)) ||
	    write(fd, "x", 1) != 1)
		die_errno("udp");
}

/* Toward an address that swallows everything: a neighbour on a dummy device. */
static void hold_syn_sent(const struct opts *o, unsigned int i)
{
	int fd = client_socket(o, &o->from, &o->to);

	(void)i;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) ||
	    !connect(fd, &o->to.sa, addr_len(&o->to)) || errno != EINPROGRESS)
		die_errno("syn-sent: connect");
}

static const struct {
	const char *name;
	void (*make)(const struct opts *o, unsigned int i);
	bool needs_from, needs_to;
} kinds[] = {
	{ "bind", hold_bound, true, false },
	{ "listen", hold_listening, true, false },
	{ "share", hold_sharing, true, false },
	{ "udp", hold_udp, false, true },
	{ "syn-sent", hold_syn_sent, false, true },
};

int cmd_hold(int argc, char **argv)
{
	unsigned int i, n;
	struct opts o;
	size_t k;

	/* getopt moves what is no option to the end. */
	if (opts_parse(argc, argv, &o) != argc - 1)
		die("hold needs one KIND");
	for (k = 0; k < ARRAY_SIZE(kinds); k++)
		if (!strcmp(argv[argc - 1], kinds[k].name))
			break;
	if (k == ARRAY_SIZE(kinds))
		die("hold: unknown kind %s", argv[argc - 1]);
	if ((kinds[k].needs_from && !o.from.set) ||
	    (kinds[k].needs_to && !o.to.set))
		die("hold %s needs %s", kinds[k].name,
		    kinds[k].needs_from ? "--from" : "--to");
	if (o.each_device && !o.dev)
		die("--each-device needs --dev");
	raise_fd_limit();
	n = o.count ? o.count : 1;
	for (i = 0; i < n; i++) {
		struct opts own = o;
		char dev[32];

		if (o.each_device) {
			snprintf(dev, sizeof(dev), "%s%u", o.dev, i);
			own.dev = dev;
		}
		kinds[k].make(&own, i);
	}
	stay(&o);
	return 0;
}

/*
 * A socket that connects to its own address is both ends at once: one
 * TIME_WAIT for four system calls, and every one its own destination.
 */
int cmd_selfconnect(int argc, char **argv)
{
	unsigned int a, i;
	struct opts o;

	if (opts_parse(argc, argv, &o) != argc || !o.from.set ||
	    !addr_port(&o.from))
		die("selfconnect needs --from ADDR:PORT");
	for (a = 0; a < o.destinations; a++) {
		for (i = 0; i < (o.count ? o.count : 1); i++) {
			struct addr self = o.from;
			int fd;

			addr_advance(&self, a);
			addr_set_port(&self, addr_port(&o.from) + i);
			fd = client_socket(&o, &self, &self);
			if (connect(fd, &self.sa, addr_len(&self)))
				die_errno("connect to itself");
			close(fd);
		}
	}
	return 0;
}
