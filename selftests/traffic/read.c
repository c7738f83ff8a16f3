// SPDX-License-Identifier: GPL-2.0-only
/* read: a file in pieces of a size, with a pause in the middle if asked for. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traffic.h"

struct reading {
	int fd;
	size_t chunk;
	bool pread;
	size_t stop_after;	/* 0: never */
	const char *command;
	bool recheck;
	char *text;		/* what was read, kept for recheck */
	size_t len;
};

static void remember(struct reading *r, const char *piece, size_t n)
{
	if (!r->recheck)
		return;
	r->text = realloc(r->text, r->len + n);
	if (!r->text)
		die_errno("memory");
	memcpy(r->text + r->len, piece, n);
	r->len += n;
}

/*
 * The same snapshot once more, backwards. Not from offset 0: that is where
 * a new one begins.
 */
static void read_backwards(const struct reading *r, char *buf)
{
	size_t end = r->len;

	while (end > 1) {
		size_t n = end - 1 < r->chunk ? end - 1 : r->chunk;
		size_t at = end - n, got = 0;

		while (got < n) {
			ssize_t part = pread(r->fd, buf + got, n - got,
					     at + got);

			if (part <= 0)
				die_errno("pread at %zu", at + got);
			got += part;
		}
		if (memcmp(buf, r->text + at, n))
			die("other text at %zu when read again", at);
		end = at;
	}
}

static void read_all(struct reading *r, char *buf)
{
	size_t done = 0;
	bool stopped = !r->stop_after;

	for (;;) {
		size_t want = r->chunk;
		ssize_t n;

		if (!stopped && done + want > r->stop_after)
			want = r->stop_after - done;
		n = r->pread ? pread(r->fd, buf, want, done) :
			       read(r->fd, buf, want);
		if (n < 0)
			die_errno("read after %zu bytes", done);
		if (!n)
			return;
		if (fwrite(buf, 1, n, stdout) != (size_t)n)
			die_errno("write");
		remember(r, buf, n);
		done += n;
		if (!stopped && done >= r->stop_after) {
			stopped = true;
			fflush(stdout);
			if (r->command && system(r->command))
				die("failed: %s", r->command);
		}
	}
}

int cmd_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "chunk", required_argument, NULL, 'c' },
		{ "pread", no_argument, NULL, 'p' },
		{ "stop-after", required_argument, NULL, 's' },
		{ "command", required_argument, NULL, 'r' },
		{ "again", no_argument, NULL, 'a' },
		{ "recheck", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 }
	};
	struct reading r = { .chunk = 65536 };
	bool again = false;
	char *buf;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt == 'c')
			r.chunk = parse_number(optarg);
		else if (opt == 'p')
			r.pread = true;
		else if (opt == 's')
			r.stop_after = parse_number(optarg);
		else if (opt == 'r')
			r.command = optarg;
		else if (opt == 'a')
			again = true;
		else if (opt == 'k')
			r.recheck = true;
		else
			die("bad option (see --help)");
	}
	if (argc - optind != 1 || !r.chunk)
		die("read needs one FILE and a chunk of at least 1");
	buf = malloc(r.chunk);
	r.fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	if (!buf || r.fd < 0)
		die_errno("%s", argv[optind]);
	read_all(&r, buf);
	if (r.recheck)
		read_backwards(&r, buf);
	if (again) {
		puts("=== again");
		r.stop_after = 0;
		if (lseek(r.fd, 0, SEEK_SET))
			die_errno("lseek");
		read_all(&r, buf);
	}
	return 0;
}
