// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_wellformed FILE... - what is wrong with the first table that is not as the interface
 * promises of every snapshot, and its first lines; nothing if all of them are well
 *
 * Sums are right, each key is there once, no field is empty, each value is `-` or a number,
 * and only grow/s is negative. A file may have several tables: a line @ comes before each then.
 * It is a program because awk, which starts anew for each subtest, took a tenth of the time
 * of a guest for this.
 */
#include <err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS	64
#define REASONS_SHOWN	5
#define LINES_SHOWN	12

struct pair {
	char *key;
	const char *value;
};

static struct table {
	struct pair head[4 * MAX_FIELDS];
	int n_head;
	char *names[MAX_FIELDS];
	int n_names;
	/* Of each row: dir, local, remote */
	char **keys;
	size_t n_keys;
	size_t out, in, bound;
	unsigned long long sum;
	char *wrong[REASONS_SHOWN];
	int n_wrong;
	char *lines[LINES_SHOWN];
	int n_lines;
	/* A file, or a line @, has begun it. */
	bool begun, marked;
} t;

static void *checked(void *p)
{
	if (!p)
		err(2, "memory");
	return p;
}

__attribute__((format(printf, 1, 2)))
static void bad(const char *format, ...)
{
	va_list args;

	if (t.n_wrong == REASONS_SHOWN)
		return;
	va_start(args, format);
	if (vasprintf(&t.wrong[t.n_wrong++], format, args) < 0)
		err(2, "memory");
	va_end(args);
}

static const char *head(const char *key)
{
	int i;

	for (i = 0; i < t.n_head; i++)
		if (!strcmp(t.head[i].key, key))
			return t.head[i].value;
	return "";
}

static unsigned long long head_number(const char *key)
{
	return strtoull(head(key), NULL, 10);
}

/* The place of a column, -1 if there is none */
static int place(const char *name)
{
	int i;

	for (i = 0; i < t.n_names; i++)
		if (!strcmp(t.names[i], name))
			return i;
	return -1;
}

/* Puts the fields of the line, which is changed, into field; their number */
static int split(char *line, char **field)
{
	char *rest, *word = strtok_r(line, " \t", &rest);
	int n = 0;

	for (; word && n < MAX_FIELDS; word = strtok_r(NULL, " \t", &rest))
		field[n++] = word;
	return n;
}

/* Digits, with a fraction or without, or - */
static bool is_number(const char *s)
{
	size_t whole = strspn(s, "0123456789"), part;

	if (!strcmp(s, "-"))
		return true;
	if (!whole || !s[whole])
		return whole;
	part = strspn(s + whole + 1, "0123456789");
	return s[whole] == '.' && part && !s[whole + 1 + part];
}

static void header_line(char *line)
{
	char *field[MAX_FIELDS], *equals;
	int i, n;

	if (t.n_names)
		bad("a header line after the column names: %s", line);
	n = split(line, field);
	for (i = 2; i < n; i++) {
		equals = strchr(field[i], '=');
		if (!equals || equals == field[i] || !equals[1]) {
			bad("not key=value: %s", field[i]);
			continue;
		}
		*equals = '\0';
		if (*head(field[i]))
			bad("key twice: %s", field[i]);
		if (t.n_head == 4 * MAX_FIELDS)
			errx(2, "too many keys");
		t.head[t.n_head++] = (struct pair){ field[i], equals + 1 };
	}
}

static void names_line(char *line)
{
	char *field[MAX_FIELDS];
	int i, n = split(line, field);

	if (!n || strcmp(field[0], "dir"))
		bad("first column is %s", n ? field[0] : "empty");
	for (i = 0; i < n; i++) {
		if (place(field[i]) >= 0)
			bad("column twice: %s", field[i]);
		t.names[t.n_names++] = field[i];
	}
}

/* The field of this column, empty if there is no such column */
/* A change may be negative. */
static bool is_change(const char *s)
{
	return is_number(s + (s[0] == '-' && s[1]));
}

static const char *cell(char **field, const char *name)
{
	int at = place(name);

	return at < 0 ? "" : field[at];
}

static void count_row(const char *dir)
{
	if (!strcmp(dir, "out"))
		t.out++;
	else if (!strcmp(dir, "in"))
		t.in++;
	else if (!strcmp(dir, "bound"))
		t.bound++;
	else
		bad("unknown kind of row: %s", dir);
}

static void check_fields(char **field, const char *line)
{
	static const char * const words[] = { "dir", "local", "remote", "level" };
	const int change = place("grow/s");
	int at[4], i;

	for (i = 0; i < 4; i++)
		at[i] = place(words[i]);
	for (i = 0; i < t.n_names; i++)
		if (i != at[0] && i != at[1] && i != at[2] && i != at[3] &&
		    !(i == change ? is_change(field[i]) : is_number(field[i])))
			bad("not a number: %s in %s", field[i], line);
}

/* No setting makes more ports free than are usable. */
static void check_free(char **field, const char *line)
{
	const char *reuse_if = cell(field, "reuse_if"), *usable = head("usable");

	if (strcmp(cell(field, "dir"), "out") || !strcmp(reuse_if, "-") ||
	    !strcmp(usable, "-") || strchr(cell(field, "local"), '%'))
		return;
	if (strtoull(cell(field, "free"), NULL, 10) + strtoull(reuse_if, NULL, 10) >
	    head_number("usable"))
		bad("more would be free than usable: %s", line);
}

static unsigned long long sockets(const char *s)
{
	char *rest;
	const unsigned long long n = strtoull(s, &rest, 10);

	if (*rest && strcmp(s, "-"))
		bad("not a number of sockets: %s", s);
	return n;
}

static void row(char *line)
{
	static const char * const states[] = {
		"tw", "fw2", "estab", "syn", "cwait", "other"
	};
	char *field[MAX_FIELDS], *whole = checked(strdup(line));
	size_t i;
	int n = split(line, field);

	if (n != t.n_names) {
		bad("%d fields instead of %d: %s", n, t.n_names, whole);
		free(whole);
		return;
	}
	count_row(cell(field, "dir"));
	check_fields(field, whole);
	check_free(field, whole);
	for (i = 0; i < sizeof(states) / sizeof(*states); i++)
		t.sum += sockets(cell(field, states[i]));
	/* The room doubles. */
	if (!(t.n_keys & (t.n_keys - 1)))
		t.keys = checked(realloc(t.keys, (2 * t.n_keys + 1) * sizeof(*t.keys)));
	if (asprintf(&t.keys[t.n_keys++], "%s %s %s", cell(field, "dir"),
		     cell(field, "local"), cell(field, "remote")) < 0)
		err(2, "memory");
	free(whole);
}

static void begin(void)
{
	size_t i;

	for (i = 0; i < t.n_keys; i++)
		free(t.keys[i]);
	free(t.keys);
	/* The rest is little, and the program ends soon. */
	memset(&t, 0, sizeof(t));
	t.begun = true;
}

static void take_line(char *line)
{
	char *copy;

	line[strcspn(line, "\n")] = '\0';
	if (t.n_lines < LINES_SHOWN)
		t.lines[t.n_lines++] = checked(strdup(line));
	if (*line != '#' && t.n_names) {
		row(line);
		return;
	}
	/* Its words stay. */
	copy = checked(strdup(line));
	if (*line == '#')
		header_line(copy);
	else
		names_line(copy);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

static void check_sums(void)
{
	const unsigned long long states = head_number("timewait") +
		head_number("fin_wait2") + head_number("established") +
		head_number("syn_sent") + head_number("close_wait") + head_number("other");

	if (states != head_number("sockets"))
		bad("states sum to %llu of %s sockets", states, head("sockets"));
	if (t.sum + head_number("hidden_sockets") != head_number("sockets"))
		bad("rows sum to %llu, hidden %s, sockets %s", t.sum, head("hidden_sockets"),
		    head("sockets"));
	if (t.out != head_number("out_rows") || t.in != head_number("in_rows") ||
	    t.bound != head_number("bound_rows"))
		bad("out_rows, in_rows, bound_rows are not the rows shown");
	if (strcmp(head("complete"), "yes"))
		bad("complete=%s", head("complete"));
}

/* Judges the table that has been read. Ends the program if it is wrong. */
static void end(void)
{
	size_t i;
	int n;

	if (!t.begun)
		return;
	if (!t.n_names)
		bad("no line of column names");
	if (t.n_keys)
		qsort(t.keys, t.n_keys, sizeof(*t.keys), by_text);
	for (i = 1; i < t.n_keys; i++)
		if (!strcmp(t.keys[i - 1], t.keys[i]))
			bad("row twice: %s", t.keys[i]);
	check_sums();
	if (!t.n_wrong)
		return;
	for (n = 0; n < t.n_wrong; n++)
		puts(t.wrong[n]);
	for (n = 0; n < t.n_lines; n++)
		printf("  %s\n", t.lines[n]);
	exit(0);
}

static void read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		err(2, "%s", name);
	end();
	begin();
	while (getline(&line, &room, file) > 0) {
		if (strcmp(line, "@\n")) {
			take_line(line);
			continue;
		}
		/* Before the first one there is no table. */
		if (t.n_lines || t.marked)
			end();
		begin();
		t.marked = true;
	}
	free(line);
	if (ferror(file) || fclose(file))
		err(2, "%s", name);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		read_file(argv[i]);
	end();
	return 0;
}
