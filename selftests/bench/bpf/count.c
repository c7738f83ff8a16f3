// SPDX-License-Identifier: GPL-2.0-only
/*
 * count FILE.bpf.o: loads the iterator once, and then for each line on standard input
 * counts anew and prints a line for each destination, and an empty line.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "count.h"

#define MOST	65536u

static struct destination keys[MOST];
static __u64 numbers[MOST];

static void die(const char *what)
{
	fprintf(stderr, "count: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_iterator(int link)
{
	char buf[4096];
	int fd = bpf_iter_create(link);
	ssize_t n;

	if (fd < 0)
		die("bpf_iter_create");
	do {
		n = read(fd, buf, sizeof(buf));
	} while (n > 0 || (n < 0 && errno == EAGAIN));
	if (n < 0)
		die("read");
	close(fd);
}

static void print_counts(int map)
{
	__u32 nr = MOST, out, i;
	char local[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];

	if (bpf_map_lookup_and_delete_batch(map, NULL, &out, keys, numbers, &nr, NULL) &&
	    errno != ENOENT)
		die("bpf_map_lookup_and_delete_batch");
	for (i = 0; i < nr; i++) {
		inet_ntop(AF_INET, &keys[i].local, local, sizeof(local));
		inet_ntop(AF_INET, &keys[i].remote, remote, sizeof(remote));
		printf("%llu %s %s:%u\n", (unsigned long long)numbers[i], local, remote,
		       ntohs(keys[i].port));
	}
	putchar('\n');
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct bpf_program *program;
	struct bpf_object *object;
	struct bpf_link *link;
	char line[16];
	int map;

	if (argc != 2) {
		fprintf(stderr, "usage: count FILE.bpf.o\n");
		return 2;
	}
	object = bpf_object__open_file(argv[1], NULL);
	if (!object)
		die(argv[1]);
	if (bpf_object__load(object))
		die("bpf_object__load");
	program = bpf_object__find_program_by_name(object, "count");
	map = bpf_object__find_map_fd_by_name(object, "counts");
	if (!program || map < 0)
		die("no program or map");
	link = bpf_program__attach_iter(program, NULL);
	if (!link)
		die("bpf_program__attach_iter");
	while (fgets(line, sizeof(line), stdin)) {
		run_iterator(bpf_link__fd(link));
		print_counts(map);
	}
	return 0;
}
