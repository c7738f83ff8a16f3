// SPDX-License-Identifier: GPL-2.0-only
/* Prints the table, and again whenever the level of a destination changes. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	struct pollfd file = { .events = POLLPRI };
	char buf[4096];
	ssize_t n;

	file.fd = open("/proc/net/tw_summary", O_RDONLY);
	do {
		lseek(file.fd, 0, SEEK_SET);
		while ((n = read(file.fd, buf, sizeof(buf))) > 0)
			fwrite(buf, 1, n, stdout);
		fflush(stdout);
	} while (n == 0 && poll(&file, 1, -1) > 0);
	perror("/proc/net/tw_summary");
	return 1;
}
