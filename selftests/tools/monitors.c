// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_monitors N MS: makes N network namespaces with a monitor that looks every MS
 * milliseconds, prints "ready", and keeps them until its input ends.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void make_one(const char *ms)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
	/* The namespace stays as long as somebody has it open. */
	if (open("/proc/thread-self/ns/net", O_RDONLY) < 0)
		err(1, "ns/net");
	fd = open("/proc/sys/net/tw_summary/monitor_interval_ms", O_WRONLY);
	if (fd < 0 || write(fd, ms, strlen(ms)) < 0)
		err(1, "monitor_interval_ms");
	close(fd);
}

int main(int argc, char **argv)
{
	int i, nr = argc == 3 ? atoi(argv[1]) : 0;
	const struct rlimit files = { nr + 64, nr + 64 };
	char c;

	if (nr < 1 || nr > 4000)
		errx(1, "usage: tw_monitors N MS");
	/* Who has no right to do this has enough for 4,000 as a rule. */
	setrlimit(RLIMIT_NOFILE, &files);
	for (i = 0; i < nr; i++)
		make_one(argv[2]);
	puts("ready");
	fflush(stdout);
	return read(0, &c, 1) < 0;
}
