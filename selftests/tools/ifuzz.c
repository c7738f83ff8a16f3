// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_ifuzz [--gone] SEED COUNT - COUNT random calls to the module's files: open, read,
 * pread, lseek, poll, write, close. The same seed makes the same calls. With --gone the
 * module may be unloaded meanwhile; then there is no poll, which would keep it loaded.
 *
 * Whatever the order, a call ends with one of the errors that docs/interface.md tells, or
 * with one that every file has; what is read is text; and the table that a file shows
 * from its start begins with its header. Prints how many calls of each kind there were,
 * and how many of these failed. Ends with 1 at the first surprise, and says at which call.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_OPEN	24

static const char *const files[] = {
	"/proc/net/tw_summary",
	"/proc/net/tw_summary",
	"/proc/net/tw_summary",
	"/proc/net/tw_callers",
	"/proc/net/tw_sources",
	"/proc/net/tw_thresholds",
	"/proc/net/tw_thresholds",
	"/proc/sys/net/tw_summary/warn_percent",
	"/proc/sys/net/tw_summary/crit_percent",
	"/proc/sys/net/tw_summary/hysteresis_percent",
	"/proc/sys/net/tw_summary/monitor_interval_ms",
	"/proc/sys/net/tw_summary/monitor_floor_ms",
	"/proc/sys/net/tw_summary/max_rows",
	"/proc/sys/net/tw_summary/cache_ms",
	"/sys/kernel/debug/tw_summary/all",
	"/sys/kernel/debug/tw_summary/walk",
	"/sys/kernel/debug/tw_summary/ports",
	"/sys/kernel/debug/tw_summary/ehash",
	"/sys/kernel/debug/tw_summary/ages",
};

struct file {
	int fd;
	int is_table;
	off_t pos;	/* where the next read() begins, if it is a table */
};

enum call { OPEN, READ, PREAD, SEEK, POLL, WRITE, CLOSE, NR_CALLS };

static const char *const call_names[NR_CALLS] = {
	"open", "read", "pread", "lseek", "poll", "write", "close",
};

/* What each may fail with, beside EINTR and ENOMEM. */
static const int may_fail_with[NR_CALLS][6] = {
	[OPEN] = { EACCES, EPERM, ENOENT },
	[READ] = { EBADF, ESTALE },
	[PREAD] = { EBADF, ESTALE, EINVAL, ESPIPE },
	[SEEK] = { EINVAL, ESPIPE },
	/* EIO: a file of /proc that nobody can write to, and root has opened for it */
	[WRITE] = { EBADF, EINVAL, EIO, E2BIG, EPERM, EACCES },
	[CLOSE] = { 0 },
};

static struct file opened[MAX_OPEN];
static unsigned int nr_opened;
static unsigned long calls[NR_CALLS], failed[NR_CALLS];
static unsigned long number;
static int may_be_gone;
static uint64_t state;
static char buffer[70000];

/* xorshift64* (Vigna, 2016) */
static uint32_t random_below(uint32_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dull >> 32) % limit;
}

static void surprise(const char *what, const char *name)
{
	printf("call %lu, %s: %s: %s\n", number, name, what, strerror(errno));
	exit(1);
}

static void judge(enum call call, long result)
{
	unsigned int i;

	calls[call]++;
	if (result >= 0)
		return;
	failed[call]++;
	if (errno == EINTR || errno == ENOMEM)
		return;
	if (may_be_gone && (errno == EIO || errno == ENOENT || errno == ENODEV))
		return;
	for (i = 0; i < ARRAY_SIZE(may_fail_with[call]); i++)
		if (may_fail_with[call][i] && errno == may_fail_with[call][i])
			return;
	surprise("an error that is not documented", call_names[call]);
}

static void judge_text(const struct file *f, const char *text, long len,
		       off_t at)
{
	long i;

	for (i = 0; i < len; i++)
		if (text[i] != '\n' && text[i] != '\t' &&
		    (text[i] < ' ' || text[i] > '~'))
			surprise("this is no text", "read");
	if (f->is_table && !at && len >= 12 && memcmp(text, "# tw_summary", 12))
		surprise("the table does not begin with its header", "read");
}

static void do_open(void)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_RDWR, O_WRONLY };
	const unsigned int which = random_below(ARRAY_SIZE(files));
	const int mode = modes[random_below(ARRAY_SIZE(modes))];
	struct file *f = &opened[nr_opened];

	f->fd = open(files[which], mode | O_CLOEXEC | O_NONBLOCK);
	judge(OPEN, f->fd);
	if (f->fd < 0)
		return;
	f->is_table = !strcmp(files[which], "/proc/net/tw_summary");
	f->pos = 0;
	nr_opened++;
}

/* Mostly small pieces: these have edges. */
static size_t random_size(void)
{
	return random_below(4) ? random_below(200) : random_below(sizeof(buffer));
}

static void do_read(struct file *f)
{
	const ssize_t len = read(f->fd, buffer, random_size());

	judge(READ, len);
	if (len <= 0)
		return;
	judge_text(f, buffer, len, f->pos);
	f->pos += len;
}

static void do_pread(struct file *f)
{
	const off_t at = random_below(3) ? random_below(3000) : 0;
	const ssize_t len = pread(f->fd, buffer, random_size(), at);

	judge(PREAD, len);
	if (len > 0)
		judge_text(f, buffer, len, at);
}

static void do_seek(struct file *f)
{
	static const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END };
	const off_t by = random_below(3) ? (off_t)random_below(2000) - 200 : 0;
	const off_t to = lseek(f->fd, by, whences[random_below(3)]);

	judge(SEEK, to);
	if (to >= 0)
		f->pos = to;
}

static void do_poll(struct file *f)
{
	struct pollfd pfd = {
		.fd = f->fd,
		.events = random_below(2) ? POLLPRI : POLLIN | POLLPRI | POLLOUT,
	};

	judge(POLL, poll(&pfd, 1, random_below(50) ? 0 : 1));
}

/* A rule, a number, or anything; often almost right. */
static size_t random_text(void)
{
	static const char *const words[] = {
		"10.9.1.1", "10.9.0.0/16", "[fd00:9::1]:443", "*", "*:80", ":443",
		"warn=10", "crit=90", "warn=", "crit=101", "flush", "del", "#",
		"0", "1", "100", "1000", "60000", "-1", "4294967296", "0x10",
		"\n", "\n", " ", "\t", "fe80::1%lo", "300.1.1.1/8", "::/0",
	};
	size_t len = 0, i, n = 1 + random_below(12);

	for (i = 0; i < n && len < 4000; i++)
		len += sprintf(buffer + len, "%s%s",
			       words[random_below(ARRAY_SIZE(words))],
			       random_below(3) ? " " : "");
	if (!random_below(8))
		buffer[random_below(len + 1)] = random_below(256);
	if (!random_below(40)) {
		memset(buffer, '1' + random_below(9), sizeof(buffer));
		len = random_below(sizeof(buffer));
	}
	return len;
}

static void do_write(struct file *f)
{
	judge(WRITE, write(f->fd, buffer, random_text()));
	f->pos = lseek(f->fd, 0, SEEK_CUR);
}

static void do_close(struct file *f)
{
	judge(CLOSE, close(f->fd));
	*f = opened[--nr_opened];
}

static void do_anything(void)
{
	struct file *f;

	if (!nr_opened || (nr_opened < MAX_OPEN && !random_below(6))) {
		do_open();
		return;
	}
	f = &opened[random_below(nr_opened)];
	switch (random_below(16)) {
	case 0 ... 5:
		do_read(f);
		break;
	case 6 ... 7:
		do_pread(f);
		break;
	case 8 ... 9:
		do_seek(f);
		break;
	case 10:
		if (!may_be_gone)
			do_poll(f);
		break;
	case 11 ... 13:
		do_write(f);
		break;
	default:
		do_close(f);
	}
}

int main(int argc, char **argv)
{
	unsigned long count;
	int i;

	may_be_gone = argc > 1 && !strcmp(argv[1], "--gone");
	argv += may_be_gone;
	if (argc - may_be_gone != 3)
		errx(2, "usage: tw_ifuzz [--gone] SEED COUNT");
	state = strtoull(argv[1], NULL, 10) * 2 + 1;
	count = strtoul(argv[2], NULL, 10);
	for (number = 1; number <= count; number++)
		do_anything();
	for (i = 0; i < NR_CALLS; i++)
		printf("%s %lu, failed %lu\n", call_names[i], calls[i], failed[i]);
	return 0;
}
