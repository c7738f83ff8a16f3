// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_netns SECONDS COMMAND [ARG...] - runs COMMAND in a network namespace of its
 * own, whose lo is up, and kills it with its process group after SECONDS: then it
 * ends with 137, else as COMMAND does. What timeout, unshare and ip would do, in
 * one process instead of three.
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child;

static void end_group(int signal)
{
	(void)signal;
	kill(-child, SIGKILL);
}

static void lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr))
		err(1, "lo");
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		err(1, "lo up");
	close(fd);
}

int main(int argc, char **argv)
{
	static const int ends[] = { SIGALRM, SIGHUP, SIGINT, SIGTERM };
	unsigned int i, seconds = argc > 2 ? atoi(argv[1]) : 0;
	int status;

	if (!seconds)
		errx(1, "usage: tw_netns SECONDS COMMAND [ARG...]");
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		setpgid(0, 0);
		/* If we are killed with SIGKILL, nobody else ends it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		lo_up();
		execvp(argv[2], argv + 2);
		err(1, "%s", argv[2]);
	}
	/* Both do it: whoever is first, the group is there when it is needed. */
	setpgid(child, child);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		signal(ends[i], end_group);
	alarm(seconds);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}
