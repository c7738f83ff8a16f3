// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll: waits for EPOLLPRI on a file that it has opened a number of times. It
 * does what it is told by lines, and answers each with one:
 *	wait	until each open file has had an event: "woken N EVENTS"
 *	now	how many have one: "ready N EVENTS"
 *	read	reads each from its start to its end: "read N"
 * EVENTS are the letters P (EPOLLPRI), E (EPOLLERR) and I (EPOLLIN) of those
 * seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "traffic.h"

#define MAX_FILES	1024

static struct pollfd files[MAX_FILES];
static unsigned int nr_files = 1;
static int epoll_fd = -1;

/* poll() and epoll have the same bits. */
static unsigned int look_poll(int timeout, bool *had, unsigned int *events)
{
	unsigned int i, found = 0;

	if (poll(files, nr_files, timeout) < 0)
		die_errno("poll");
	for (i = 0; i < nr_files; i++) {
		if (!files[i].revents)
			continue;
		found++;
		had[i] = true;
		*events |= files[i].revents;
	}
	return found;
}

static unsigned int look_epoll(int timeout, bool *had, unsigned int *events)
{
	static struct epoll_event got[MAX_FILES];
	int n = epoll_wait(epoll_fd, got, MAX_FILES, timeout), i;

	if (n < 0)
		die_errno("epoll_wait");
	for (i = 0; i < n; i++) {
		had[got[i].data.u32] = true;
		*events |= got[i].events;
	}
	return n;
}

static unsigned int look(int timeout, bool *had, unsigned int *events)
{
	return epoll_fd < 0 ? look_poll(timeout, had, events) :
			      look_epoll(timeout, had, events);
}

static void answer(const char *what, unsigned int n, unsigned int events)
{
	printf("%s %u %s%s%s\n", what, n, events & EPOLLPRI ? "P" : "",
	       events & EPOLLERR ? "E" : "", events & EPOLLIN ? "I" : "");
}

/* No time limit: one that passes would look once more, and hide a lost wakeup. */
static void wait_for_all(void)
{
	bool had[MAX_FILES] = { false };
	unsigned int events = 0, i;

	for (i = 0; i < nr_files; i++)
		while (!had[i])
			look(-1, had, &events);
	answer("woken", nr_files, events);
}

static void look_now(void)
{
	bool had[MAX_FILES] = { false };
	unsigned int events = 0, n = look(0, had, &events);

	answer("ready", n, events);
}

static void read_all(void)
{
	unsigned int i;
	char buf[4096];
	ssize_t n;

	for (i = 0; i < nr_files; i++) {
		if (lseek(files[i].fd, 0, SEEK_SET))
			die_errno("lseek");
		do {
			n = read(files[i].fd, buf, sizeof(buf));
		} while (n > 0);
		if (n < 0)
			die_errno("read");
	}
	printf("read %u\n", nr_files);
}

static void open_files(const char *name, unsigned int flags, bool epoll)
{
	unsigned int i;

	raise_fd_limit();
	if (epoll)
		epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll && epoll_fd < 0)
		die_errno("epoll");
	for (i = 0; i < nr_files; i++) {
		struct epoll_event event = {
			.events = EPOLLPRI | flags,
			.data.u32 = i,
		};

		files[i].fd = open(name, O_RDONLY | O_CLOEXEC);
		files[i].events = POLLPRI;
		if (files[i].fd < 0)
			die_errno("%s", name);
		if (epoll && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, files[i].fd,
				       &event))
			die_errno("epoll_ctl");
	}
}

int cmd_poll(int argc, char **argv)
{
	static const struct option options[] = {
		{ "files", required_argument, NULL, 'f' },
		{ "epoll", no_argument, NULL, 'e' },
		{ "edge", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	unsigned int flags = 0;
	bool epoll = false;
	char command[16];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'f')
			nr_files = parse_number(optarg);
		else if (opt == 'e' || opt == 't')
			epoll = true;
		else
			die("bad option (see --help)");
		if (opt == 't')
			flags = EPOLLET;
	}
	if (optind + 1 != argc || !nr_files || nr_files > MAX_FILES)
		die("poll needs one FILE, and opens it 1 to %u times", MAX_FILES);
	open_files(argv[optind], flags, epoll);
	setlinebuf(stdout);
	while (scanf("%15s", command) == 1) {
		if (!strcmp(command, "wait"))
			wait_for_all();
		else if (!strcmp(command, "now"))
			look_now();
		else if (!strcmp(command, "read"))
			read_all();
		else
			die("poll: no command %s", command);
	}
	return 0;
}
