// SPDX-License-Identifier: GPL-2.0-only
/* Reading /proc/net/tw_summary: header values by key, columns by name. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "predict.h"

#define TABLE "/proc/net/tw_summary"
#define CACHE_MS "/proc/sys/net/tw_summary/cache_ms"
#define MAX_COLUMNS 64

static char text[1 << 17];

static void read_table(void)
{
	int fd = open(TABLE, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		die_errno(TABLE);
	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	if (n < 0 || used == sizeof(text) - 1)
		die_errno(TABLE);
	text[used] = '\0';
	close(fd);
}

/* A snapshot that is shared with an earlier reader is older than the sockets. */
void table_check_cache(void)
{
	int fd = open(CACHE_MS, O_RDONLY | O_CLOEXEC);
	char ms[16] = "";

	if (fd < 0 || read(fd, ms, sizeof(ms) - 1) < 0)
		die_errno(CACHE_MS);
	close(fd);
	if (strtoul(ms, NULL, 10))
		die("net.tw_summary.cache_ms must be 0");
}

void table_print(void)
{
	fputs(text, stdout);
}

static unsigned int header_value(const char *key)
{
	char pattern[32];
	const char *at;

	snprintf(pattern, sizeof(pattern), " %s=", key);
	at = strstr(text, pattern);
	if (!at)
		die("no %s in the header", key);
	return strtoul(at + strlen(pattern), NULL, 10);
}

static unsigned int split(char *line, char **fields)
{
	unsigned int n = 0;
	char *save, *field;

	for (field = strtok_r(line, " ", &save); field && n < MAX_COLUMNS;
	     field = strtok_r(NULL, " ", &save))
		fields[n++] = field;
	return n;
}

static unsigned int column(char **names, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	die("the table has no %s", name);
}

void table_read(const struct pair *p, struct told *told)
{
	static char copy[sizeof(text)];
	char *names[MAX_COLUMNS], *cells[MAX_COLUMNS], *save, *line;
	unsigned int n_names = 0, local, remote, free_at, reuse_if;
	char want[80];

	read_table();
	*told = (struct told){ .usable = header_value("usable") };
	snprintf(want, sizeof(want), "%s%s%s", p->local, p->dev ? "%" : "",
		 p->dev ? p->dev : "");
	memcpy(copy, text, sizeof(copy));
	for (line = strtok_r(copy, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (*line == '#')
			continue;
		if (!n_names) {
			n_names = split(line, names);
			local = column(names, n_names, "local");
			remote = column(names, n_names, "remote");
			free_at = column(names, n_names, "free");
			reuse_if = column(names, n_names, "reuse_if");
			continue;
		}
		if (split(line, cells) != n_names)
			die("a row with other columns than the table");
		if (strcmp(cells[0], "out") || strcmp(cells[local], want) ||
		    strcmp(cells[remote], p->remote))
			continue;
		told->row = true;
		told->free = parse_number(cells[free_at]);
		told->reuse_if = parse_number(cells[reuse_if]);
	}
}
