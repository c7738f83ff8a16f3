// SPDX-License-Identifier: GPL-2.0-only
/* What /proc/net/tw_sources says of an address, then as many bind() calls as work. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "predict.h"

#define SOURCES "/proc/net/tw_sources"

static char text[1 << 16];

static void read_sources(void)
{
	int fd = open(SOURCES, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		die_errno(SOURCES);
	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	if (n < 0 || used == sizeof(text) - 1)
		die_errno(SOURCES);
	text[used] = '\0';
	close(fd);
}

void sources_print(void)
{
	fputs(text, stdout);
}

/* The first field of the row, bind_free. Returns false if there is no such row. */
static bool find_row(const char *name, unsigned int *bind_free)
{
	char want[80];
	char *at;

	snprintf(want, sizeof(want), "  %s\n", name);
	at = strstr(text, want);
	if (!at)
		return false;
	while (at[-1] != '\n')
		at--;
	while (*at == ' ')
		at++;
	at[strcspn(at, " ")] = '\0';
	*bind_free = parse_number(at);
	at[strlen(at)] = ' ';
	return true;
}

/* Only with devices: then nothing is said of the address without one. */
static bool has_rows_with_devices(const char *local)
{
	char want[64];

	snprintf(want, sizeof(want), "  %s%%", local);
	return strstr(text, want);
}

/* An address without a row holds no port. */
static bool told_of(const struct pair *p, const struct how *how, unsigned int *bind_free)
{
	const bool v6 = strchr(p->local, ':');
	const char *any = v6 || p->mapped ? "[::]" : "0.0.0.0";
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", how->any ? any : p->local,
		 p->dev ? "%" : "", p->dev ? p->dev : "");
	if (find_row(name, bind_free))
		return true;
	return !p->dev && !has_rows_with_devices(p->local) &&
	       find_row(v6 ? "[other]" : "other", bind_free);
}

static unsigned int bind_all(const struct pair *p, const struct how *how)
{
	static int fds[65536];
	unsigned int n = 0, i;

	while (n < ARRAY_SIZE(fds)) {
		fds[n] = pair_socket(p, how);
		if (fds[n] < 0)
			break;
		n++;
	}
	for (i = 0; i < n; i++)
		close(fds[i]);
	return n;
}

enum verdict check_binds(const struct pair *p)
{
	const struct how how = {
		.reuseaddr = one_in(4), .reuseport = one_in(4),
		.bind = true, .any = one_in(3),
	};
	/* Of an odd range bind() leaves out one port, now this, now that. */
	const unsigned int size = world.high - world.low + 1;
	const unsigned int odd = size > 1 && size % 2;
	unsigned int said, found;

	read_sources();
	if (!told_of(p, &how, &said))
		return NOT_TOLD;
	found = bind_all(p, &how);
	story("  %s%s%s%s%s: table %u, bind() %u\n", how.any ? "any like " : "", p->local,
	      p->dev ? "%" : "", p->dev ? p->dev : "", p->mapped ? " mapped" : "",
	      said, found);
	if (now_ms() - world.made_ms > TOO_OLD_MS)
		return TOO_SLOW;
	return found + odd < said || found > said + odd ? WRONG : RIGHT;
}
