// SPDX-License-Identifier: GPL-2.0-only
/*
 * expect: the rows and sums that the table must show, worked out in the
 * plainest way from /proc/net/tcp{,6}, or from the lines of `ss -Htan` on
 * standard input. Shares nothing with the module but the contract.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic.h"

/* Those with a column first, in the order of the columns. */
enum {
	ST_TW, ST_FW2, ST_ESTAB, ST_SYN, ST_CWAIT, ST_OTHER,
	ST_COLUMNS,
	ST_REQUEST = ST_COLUMNS,
	ST_LISTEN,
};

struct sock_line {
	int state;
	char local[72];		/* with %dev */
	char remote[72];
	unsigned int lport, rport;
};

struct row {
	char *key;
	unsigned long used, n[ST_COLUMNS];
	struct row *next;	/* of the same hash slot */
};

#define SLOTS 131072

static struct sock_line *lines;
static size_t n_lines;
static bool listens[65536];
static struct row *rows[SLOTS], *ports[SLOTS];
static size_t n_rows;

static void add_line(const struct sock_line *s)
{
	static size_t room;

	if (s->state == ST_LISTEN) {
		listens[s->lport] = true;
		return;
	}
	if (n_lines == room) {
		room = room ? 2 * room : 1024;
		lines = realloc(lines, room * sizeof(*lines));
		if (!lines)
			die_errno("memory");
	}
	lines[n_lines++] = *s;
}

static void canonical(const unsigned char *bytes, size_t len, char *text)
{
	static const unsigned char mapped[12] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
	};

	if (len == 16 && !memcmp(bytes, mapped, 12)) {
		bytes += 12;
		len = 4;
	}
	if (!inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, text, 64))
		die_errno("inet_ntop");
}

/* 0100007F:0050: words of the machine's own order, then the port. */
static void proc_address(const char *hex, char *text, unsigned int *port)
{
	unsigned int words[4];
	size_t n = 0;

	while (*hex != ':' && n < 4) {
		char word[9] = "";

		memcpy(word, hex, 8);
		words[n++] = strtoul(word, NULL, 16);
		hex += 8;
	}
	if (*hex != ':')
		die("not an address in /proc/net/tcp: %s", hex);
	*port = strtoul(hex + 1, NULL, 16);
	canonical((unsigned char *)words, 4 * n, text);
}

static int proc_state(unsigned int st)
{
	switch (st) {
	case 0x01:
		return ST_ESTAB;
	case 0x02:
		return ST_SYN;
	case 0x03:
	case 0x0c:
		return ST_REQUEST;
	case 0x05:
		return ST_FW2;
	case 0x06:
		return ST_TW;
	case 0x08:
		return ST_CWAIT;
	case 0x0a:
		return ST_LISTEN;
	default:
		return ST_OTHER;
	}
}

static void read_proc(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512], local[80], remote[80];
	unsigned int st;

	if (!f) {
		if (errno == ENOENT)
			return;
		die_errno("%s", path);
	}
	while (fgets(line, sizeof(line), f)) {
		struct sock_line s;

		if (sscanf(line, " %*u: %79s %79s %x", local, remote, &st) != 3)
			continue;
		memset(&s, 0, sizeof(s));
		proc_address(local, s.local, &s.lport);
		proc_address(remote, s.remote, &s.rport);
		s.state = proc_state(st);
		add_line(&s);
	}
	fclose(f);
}

static int ss_state(const char *name)
{
	static const struct {
		const char *name;
		int state;
	} names[] = {
		{ "TIME-WAIT", ST_TW }, { "FIN-WAIT-2", ST_FW2 },
		{ "ESTAB", ST_ESTAB }, { "SYN-SENT", ST_SYN },
		{ "CLOSE-WAIT", ST_CWAIT }, { "SYN-RECV", ST_REQUEST },
		{ "LISTEN", ST_LISTEN },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i].name))
			return names[i].state;
	return ST_OTHER;
}

/* 10.0.0.1%dev:80, [fe80::1]%dev:80, [::ffff:10.0.0.1]:80, *:80 */
static void ss_address(char *text, char *out, unsigned int *port, bool with_dev)
{
	char *colon = strrchr(text, ':'), *dev, *end;

	if (!colon)
		die("not an address of ss: %s", text);
	*port = strtoul(colon + 1, NULL, 10);
	*colon = '\0';
	dev = strchr(text, '%');
	if (dev)
		*dev++ = '\0';
	if (*text == '[') {
		end = strchr(text, ']');
		if (end)
			*end = '\0';
		text++;
	}
	if (!strncmp(text, "::ffff:", 7) && strchr(text, '.'))
		text += 7;
	snprintf(out, 72, "%.50s%s%.16s", text, dev && with_dev ? "%" : "",
		 dev && with_dev ? dev : "");
}

static void read_ss(void)
{
	char line[512], state[32], local[128], remote[128];

	while (fgets(line, sizeof(line), stdin)) {
		struct sock_line s;

		if (sscanf(line, "%31s %*u %*u %127s %127s", state, local,
			   remote) != 3)
			die("not a line of ss: %s", line);
		if (!strcmp(state, "UNCONN"))
			continue;
		memset(&s, 0, sizeof(s));
		s.state = ss_state(state);
		ss_address(local, s.local, &s.lport, true);
		ss_address(remote, s.remote, &s.rport, false);
		add_line(&s);
	}
}

/* Returns the entry of a key, and whether it is new. */
static struct row *find(struct row **table, const char *key, bool *is_new)
{
	unsigned int h = 5381;
	const char *c;
	struct row *r;

	for (c = key; *c; c++)
		h = h * 33 + (unsigned char)*c;
	for (r = table[h % SLOTS]; r; r = r->next)
		if (!strcmp(r->key, key))
			break;
	*is_new = !r;
	if (r)
		return r;
	r = calloc(1, sizeof(*r));
	if (r)
		r->key = strdup(key);
	if (!r || !r->key)
		die_errno("memory");
	r->next = table[h % SLOTS];
	table[h % SLOTS] = r;
	return r;
}

static void with_port(char *out, size_t size, const char *addr,
		      unsigned int port)
{
	snprintf(out, size, strchr(addr, ':') ? "[%s]:%u" : "%s:%u", addr,
		 port);
}

static void count_line(const struct sock_line *s, unsigned int low,
		       unsigned int high)
{
	char key[256], end[96];
	struct row *r;
	bool is_new;

	if (s->state == ST_REQUEST || listens[s->lport]) {
		with_port(end, sizeof(end), s->local, s->lport);
		snprintf(key, sizeof(key), "in %s *", end);
	} else if (s->lport < low || s->lport > high) {
		with_port(end, sizeof(end), s->local, s->lport);
		snprintf(key, sizeof(key), "bound %s *", end);
	} else {
		with_port(end, sizeof(end), s->remote, s->rport);
		snprintf(key, sizeof(key), "out %s %s", s->local, end);
	}
	r = find(rows, key, &is_new);
	n_rows += is_new;
	r->n[s->state == ST_REQUEST ? ST_OTHER : s->state]++;
	if (key[0] != 'o')
		return;
	snprintf(key + strlen(key), sizeof(key) - strlen(key), " %u", s->lport);
	find(ports, key, &is_new);
	r->used += is_new;
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(struct row *const *)a)->key,
		      (*(struct row *const *)b)->key);
}

static void print_all(void)
{
	struct row **all = calloc(n_rows + 1, sizeof(*all)), *r;
	unsigned long sum[ST_COLUMNS] = { 0 }, sockets = 0;
	size_t i, n = 0;
	int state;

	if (!all)
		die_errno("memory");
	for (i = 0; i < SLOTS; i++)
		for (r = rows[i]; r; r = r->next)
			all[n++] = r;
	qsort(all, n, sizeof(*all), by_key);
	for (i = 0; i < n; i++) {
		r = all[i];
		if (r->key[0] == 'o')
			printf("%s %lu", r->key, r->used);
		else
			printf("%s -", r->key);
		for (state = 0; state < ST_COLUMNS; state++) {
			printf(" %lu", r->n[state]);
			sum[state] += r->n[state];
			sockets += r->n[state];
		}
		putchar('\n');
	}
	printf("sockets=%lu timewait=%lu fin_wait2=%lu established=%lu ",
	       sockets, sum[ST_TW], sum[ST_FW2], sum[ST_ESTAB]);
	printf("syn_sent=%lu close_wait=%lu other=%lu\n", sum[ST_SYN],
	       sum[ST_CWAIT], sum[ST_OTHER]);
}

int cmd_expect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "ss", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	unsigned int low, high;
	bool ss = false;
	FILE *range;
	size_t i;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt != 's')
			die("bad option (see --help)");
		ss = true;
	}
	range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
	if (!range || fscanf(range, "%u %u", &low, &high) != 2)
		die_errno("net.ipv4.ip_local_port_range");
	fclose(range);
	if (ss) {
		read_ss();
	} else {
		read_proc("/proc/net/tcp");
		read_proc("/proc/net/tcp6");
	}
	for (i = 0; i < n_lines; i++)
		count_line(&lines[i], low, high);
	print_all();
	return 0;
}
