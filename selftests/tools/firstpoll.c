// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_firstpoll FILE STATE - opens FILE, waits until the module's STATE
 * (/sys/module/NAME/initstate) is "going", and polls FILE then for the first time,
 * from several threads at once and over and over, until the file is gone. Fails if one
 * of them was let in to wait: it would wait in memory of a module that goes.
 *
 * The module reports POLLERR to those that it does not let in. A file in /proc that is
 * gone is ready for POLLOUT (fs/proc/inode.c:proc_reg_poll), and ours never is.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define THREADS		4
/* How long a poll() that was let in waits; the module goes meanwhile. */
#define WAIT_MS		500

static int let_in;

static const char *state_path;
static int file;

/* Reads the state into a buffer of 16 bytes; false if there is no module. */
static int read_state(char *state)
{
	int fd = open(state_path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, state, 15);

	if (fd >= 0)
		close(fd);
	state[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static void *poll_it(void *arg)
{
	struct pollfd pfd = { .fd = file, .events = POLLPRI | POLLOUT };
	char state[16];

	while (read_state(state) && strncmp(state, "going", 5))
		;
	do {
		if (!poll(&pfd, 1, WAIT_MS))
			let_in = 1;
	} while (!(pfd.revents & POLLOUT));
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	int i;

	if (argc != 3)
		errx(1, "usage: tw_firstpoll FILE STATE");
	state_path = argv[2];
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (file < 0)
		err(1, "%s", argv[1]);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, poll_it, NULL))
			errx(1, "cannot start a thread");
	puts("ready");
	fflush(stdout);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	puts(let_in ? "let in" : "kept out");
	return let_in;
}
