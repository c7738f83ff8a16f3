// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_ranges MS - calls connect() again and again, for MS milliseconds, while the range
 * of ports is being written
 *
 * One task writes net.ipv4.ip_local_port_range on the last processor, always the same
 * range. Another one preempts it there when a connect() begins, and stays until that has
 * ended, or for a while. Where a writer can be preempted (PREEMPT_RT) it is so in the
 * middle of its change sometimes. Both have real-time priorities.
 *
 * No connect() may find a port. Prints how many there were, and how often the range was
 * written.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RANGE		"/proc/sys/net/ipv4/ip_local_port_range"
#define WRITER_PRIO	1
#define PREEMPTER_PRIO	2
/* connect() itself may wait for the writer: then the preempter must let it go on. */
#define STAY_NS		10000000LL

static struct shared {
	atomic_bool calling;
	atomic_ulong writes;
} *shared;

static int begin;

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void on_processor(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %d", cpu);
}

static void with_priority(int prio)
{
	const struct sched_param param = { .sched_priority = prio };

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		err(1, "real-time priority %d", prio);
}

static void write_ranges(void)
{
	const int fd = open(RANGE, O_RDWR | O_CLOEXEC);
	char range[32];
	ssize_t len;

	if (fd < 0)
		err(1, RANGE);
	len = read(fd, range, sizeof(range));
	for (; len > 0 && pwrite(fd, range, len, 0) == len; shared->writes++)
		;
	err(1, "cannot read and write " RANGE);
}

static void preempt(void)
{
	eventfd_t none;

	while (!eventfd_read(begin, &none)) {
		const long long until = now_ns() + STAY_NS;

		while (shared->calling && now_ns() < until)
			;
	}
	err(1, "eventfd");
}

static pid_t start(void (*what)(void), int cpu, int prio)
{
	const pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	on_processor(cpu);
	with_priority(prio);
	what();
	_exit(1);
}

static void call(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(443),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	shared->calling = true;
	eventfd_write(begin, 1);
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		errx(1, "connect() has found a port");
	if (errno != EADDRNOTAVAIL)
		err(1, "connect");
	shared->calling = false;
	close(fd);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		err(1, "waitpid");
}

int main(int argc, char **argv)
{
	const int last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
	unsigned long calls = 0;
	pid_t writer, preempter;
	long long until;

	if (argc != 2)
		errx(1, "usage: tw_ranges MS");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	begin = eventfd(0, EFD_CLOEXEC);
	if (shared == MAP_FAILED || begin < 0)
		err(1, "memory or eventfd");
	writer = start(write_ranges, last, WRITER_PRIO);
	preempter = start(preempt, last, PREEMPTER_PRIO);
	on_processor(0);
	for (until = now_ns() + atoll(argv[1]) * 1000000; now_ns() < until; calls++)
		call();
	end(preempter);
	end(writer);
	printf("%lu %lu\n", calls, shared->writes);
	return 0;
}
