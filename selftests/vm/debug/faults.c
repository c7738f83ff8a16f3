// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults - does one thing again and again, the Nth time with the Nth memory
 * allocation failing, until it makes fewer than N
 *
 *	faults read FILE SOCKETS	reads a summary of so many sockets
 *	faults load FILE NAME		loads and unloads a module
 *	faults netns			makes a network namespace
 *
 * Each time the thing must either be done or fail for want of memory. Prints
 * one line of counts, or what went wrong and then ends with 1.
 *
 * Needs CONFIG_FAULT_INJECTION; what is counted is said in
 * /sys/kernel/debug/{failslab,fail_page_alloc}.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far more than any of these makes: then it would never end. */
#define MOST	100000

enum outcome {
	DONE,
	LESS,		/* done, and it says itself that not all of it was */
	NO_MEMORY,
	OUTCOMES
};

static const char *path, *module;
static unsigned long long sockets;
static int fail_nth;

static void set_fault(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fail_nth, text, len, 0) != len)
		errx(1, "cannot set fail-nth: %s", strerror(errno));
}

/* How many allocations were still to come when the thing was over. */
static unsigned int fault_left(void)
{
	char text[16] = "";

	if (pread(fail_nth, text, sizeof(text) - 1, 0) < 1)
		errx(1, "cannot read fail-nth: %s", strerror(errno));
	return strtoul(text, NULL, 10);
}

static enum outcome no_memory(const char *what, int error)
{
	if (error != ENOMEM)
		errx(1, "%s: %s", what, strerror(error));
	return NO_MEMORY;
}

/* The part of the text that matters here is in its first lines. */
static enum outcome judge(const char *text)
{
	const char *count = strstr(text, " sockets=");
	const char *complete = strstr(text, " complete=");
	unsigned long long n;

	if (!count || !complete)
		errx(1, "no summary: '%.200s'", text);
	n = strtoull(count + strlen(" sockets="), NULL, 10);
	if (!strncmp(complete, " complete=yes", 13)) {
		if (n != sockets)
			errx(1, "complete, but %llu of %llu sockets", n, sockets);
		return DONE;
	}
	if (n > sockets)
		errx(1, "%llu of %llu sockets is no lower bound", n, sockets);
	return LESS;
}

static enum outcome do_read(unsigned int nth)
{
	static char text[65536];
	size_t len = 0;
	ssize_t n = 0;
	int fd, error;

	set_fault(nth);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return no_memory("open", errno);
	while (len < sizeof(text) - 1) {
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n <= 0)
			break;
		len += n;
	}
	error = errno;
	close(fd);
	if (n < 0)
		return no_memory("read", error);
	text[len] = '\0';
	return judge(text);
}

static enum outcome do_load(unsigned int nth)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		errx(1, "%s: %s", path, strerror(errno));
	set_fault(nth);
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	/* The fault is for loading alone; how much was left must survive. */
	nth = fault_left();
	set_fault(0);
	close(fd);
	if (!error && syscall(SYS_delete_module, module, 0))
		errx(1, "cannot unload %s: %s", module, strerror(errno));
	set_fault(nth);
	return error ? no_memory("load", error) : DONE;
}

/* Leaves the namespace before: it is gone by the time the sweep is over. */
static enum outcome do_netns(unsigned int nth)
{
	set_fault(nth);
	return unshare(CLONE_NEWNET) ? no_memory("unshare", errno) : DONE;
}

static void sweep(enum outcome (*thing)(unsigned int nth))
{
	unsigned int count[OUTCOMES] = {}, nth, left = 0;

	for (nth = 1; nth < MOST && !left; nth++) {
		enum outcome outcome = thing(nth);

		left = fault_left();
		set_fault(0);
		if (left && outcome != DONE)
			errx(1, "failed with no allocation failing");
		if (!left)
			count[outcome]++;
	}
	if (!left)
		errx(1, "it never ends");
	printf("%u allocations failed one by one: %u times ENOMEM, %u times less, %u times done\n",
	       nth - 2, count[NO_MEMORY], count[LESS], count[DONE]);
	if (!count[NO_MEMORY])
		errx(1, "none of the allocations mattered: were any made to fail?");
}

int main(int argc, char **argv)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		errx(1, "no fail-nth: %s", strerror(errno));
	if (argc == 4 && !strcmp(argv[1], "read")) {
		path = argv[2];
		sockets = strtoull(argv[3], NULL, 10);
		sweep(do_read);
	} else if (argc == 4 && !strcmp(argv[1], "load")) {
		path = argv[2];
		module = argv[3];
		sweep(do_load);
	} else if (argc == 2 && !strcmp(argv[1], "netns")) {
		sweep(do_netns);
	} else {
		errx(1, "usage: faults read FILE SOCKETS | load FILE NAME | netns");
	}
	return 0;
}
