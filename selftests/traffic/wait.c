// SPDX-License-Identifier: GPL-2.0-only
/* Going on in the background, and until a signal comes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "traffic.h"

/*
 * The caller's $(...) ends when the parent does and no one else holds its
 * pipe: so the child lets go of standard output, and the parent prints the
 * child's number. Sockets are shared, so the parent's end closes nothing.
 */
void become_background(const struct opts *o)
{
	int null;
	pid_t pid;

	fflush(NULL);
	if (!o->background)
		return;
	pid = fork();
	if (pid < 0)
		die_errno("fork");
	if (pid) {
		printf("%d\n", (int)pid);
		fflush(stdout);
		_exit(0);
	}
	null = open("/dev/null", O_RDWR);
	if (null < 0)
		die_errno("/dev/null");
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (null > 2)
		close(null);
}

/* All is made: keep it until a signal comes. */
void stay(const struct opts *o)
{
	if (!o->background) {
		puts("ready");
		fflush(stdout);
	}
	become_background(o);
	for (;;)
		pause();
}
