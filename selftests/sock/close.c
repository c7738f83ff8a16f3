// SPDX-License-Identifier: GPL-2.0-only
/* Closing a connection in order, so that it is certain who has the TIME_WAIT, and that. */
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sock.h"

static int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		die_errno("TCP_INFO");
	return info.tcpi_state;
}

/*
 * The other end, which may be of another process, closes first. When this returns, it has
 * the TIME_WAIT: its ACK of our FIN has come. A softirq brings it, which may come late
 * (ksoftirqd).
 */
void close_second(int fd)
{
	int tries;

	wait_for_eof(fd);
	shutdown(fd, SHUT_WR);
	for (tries = 0; tcp_state(fd) != TCP_CLOSE && tries < 20000; tries++)
		nap_ms(1);
	close(fd);
}

/* The first to close gets the TIME_WAIT; when this returns, it has it. */
void close_first(int first, int second)
{
	close(first);
	if (second >= 0)
		close_second(second);
}

/*
 * The same where the other end is of another process, which closes when it sees that we
 * do: our end has the TIME_WAIT when the other one's FIN has come.
 */
void close_before_stranger(int fd)
{
	shutdown(fd, SHUT_WR);
	wait_for_eof(fd);
	close(fd);
}
