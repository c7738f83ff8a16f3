// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_faults - does one thing again and again, the Nth time with the Nth memory
 * allocation failing, until it makes fewer than N
 *
 *	tw_faults load FILE NAME		loads and unloads a module
 *	tw_faults netns			makes a network namespace
 *
 * Each time the thing must either be done or fail for want of memory. Prints
 * one line of counts, or what went wrong and then ends with 1.
 *
 * Needs CONFIG_FAULT_INJECTION; what is counted is said in
 * /sys/kernel/debug/{failslab,fail_page_alloc}.
 */
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
	NO_MEMORY,
	OUTCOMES
};

static const char *path, *module;
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
	printf("%u allocations failed one by one: %u times ENOMEM, %u times done\n",
	       nth - 2, count[NO_MEMORY], count[DONE]);
	if (!count[NO_MEMORY])
		errx(1, "none of the allocations mattered: were any made to fail?");
}

int main(int argc, char **argv)
{
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth < 0)
		errx(1, "no fail-nth: %s", strerror(errno));
	if (argc == 4 && !strcmp(argv[1], "load")) {
		path = argv[2];
		module = argv[3];
		sweep(do_load);
	} else if (argc == 2 && !strcmp(argv[1], "netns")) {
		sweep(do_netns);
	} else {
		errx(1, "usage: tw_faults load FILE NAME | netns");
	}
	return 0;
}
