// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_nomem FILE DIR: reads FILE again and again, and each time the kernel is
 * made to refuse one allocation: the first, the second, and so on until a read
 * needs no more than that. What read number N got is in DIR/N: the text, or the
 * name of the error. Needs a kernel with fault injection.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAIL_NTH "/proc/thread-self/fail-nth"
#define MAX_READS 2000

static char text[1 << 18];

static void die(const char *what)
{
	fprintf(stderr, "tw_nomem: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* Returns the length of the text, or the error, negative. */
static ssize_t read_all(const char *file)
{
	size_t used = 0;
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + used, sizeof(text) - used)) > 0)
		used += n;
	if (n < 0)
		n = -errno;
	close(fd);
	return n < 0 ? n : (ssize_t)used;
}

static void save(const char *dir, unsigned int number, ssize_t result)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%u", dir, number);
	f = fopen(path, "w");
	if (!f)
		die(path);
	if (result < 0)
		fprintf(f, "%s\n", strerrorname_np(-result));
	else
		fwrite(text, 1, result, f);
	if (fclose(f))
		die(path);
}

int main(int argc, char **argv)
{
	unsigned int i;
	int nth;

	if (argc != 3) {
		fputs("usage: tw_nomem FILE DIR\n", stderr);
		return 2;
	}
	nth = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (nth < 0)
		die(FAIL_NTH);
	/* Our own pages are not to be among those that are refused. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall");
	memset(text, 0, sizeof(text));
	for (i = 1; i <= MAX_READS; i++) {
		char number[16], left[16] = "";
		ssize_t result;
		int len = snprintf(number, sizeof(number), "%u", i);

		/* So that what is free in the kernel's caches is as it was before the last read. */
		read_all(argv[1]);
		if (pwrite(nth, number, len, 0) != len)
			die(FAIL_NTH);
		result = read_all(argv[1]);
		if (pread(nth, left, sizeof(left) - 1, 0) < 0 ||
		    pwrite(nth, "0", 1, 0) != 1)
			die(FAIL_NTH);
		/* It counts down; what is left has not been refused. */
		if (atoi(left) > 0) {
			printf("%u\n", i - 1);
			return 0;
		}
		save(argv[2], i, result);
	}
	fputs("tw_nomem: a read needs more allocations than that\n", stderr);
	return 1;
}
