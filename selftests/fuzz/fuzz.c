// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz SEED COUNT: reads COUNT lines with the parser of /proc/net/tw_thresholds,
 * in user space under the sanitizers. A finding of theirs ends it; what is
 * accepted must also make sense, and survive being written and read again.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "compute/rules.h"

#define MAX_REASONS	64

static struct {
	const char *why;
	unsigned long times;
} reasons[MAX_REASONS];

static unsigned long accepted, refused, valid_refused, insane, not_written,
		     misplaced, not_whole;
static struct tws_rules rules;

static void note_line(const char *what, const char *line, size_t len)
{
	size_t i;

	printf("# %s: \"", what);
	for (i = 0; i < len; i++)
		if (line[i] >= ' ' && line[i] <= '~' && line[i] != '\\')
			putchar(line[i]);
		else
			printf("\\x%02x", (unsigned char)line[i]);
	puts("\"");
}

/* Memory that ends where the line does: reading further is found out. */
static const char *parse(struct tws_rule_line *parsed, const char *line,
			 size_t len)
{
	char *exact = malloc(len ? len : 1);
	const char *why;

	if (!exact)
		abort();
	memcpy(exact, line, len);
	/* What is not set shows. */
	memset(parsed, 0xa5, sizeof(*parsed));
	why = tws_rule_parse(parsed, exact, len);
	free(exact);
	return why;
}

static bool same_rule(const struct tws_rule *a, const struct tws_rule *b)
{
	return !memcmp(&a->addr, &b->addr, sizeof(a->addr)) &&
	       a->len == b->len && a->port == b->port &&
	       a->th.warn == b->th.warn && a->th.crit == b->th.crit;
}

static bool is_sane(const struct tws_rule *rule)
{
	int bit;

	if (rule->len > 128 || rule->th.warn < 1 || rule->th.crit > 100 ||
	    rule->th.warn > rule->th.crit)
		return false;
	for (bit = rule->len; bit < 128; bit++)
		if (rule->addr.s6_addr[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

/* NAME=N in the text, by the C library; a valid line has it once. */
static bool is_written(const char *text, const char *name, unsigned long n)
{
	const char *at = strstr(text, name);

	return at && strtoull(at + strlen(name), NULL, 10) == n;
}

static bool has_its_numbers(const struct tws_rule *rule, const char *line, size_t len)
{
	char text[FUZZ_LINE + 1];

	memcpy(text, line, len);
	text[len] = '\0';
	return is_written(text, "warn=", rule->th.warn) &&
	       is_written(text, "crit=", rule->th.crit);
}

static bool survives(const struct tws_rule *rule)
{
	struct tws_rule_line again;
	char text[TWS_RULE_LINE];
	int len = tws_rule_write(text, sizeof(text), rule);

	return len > 0 && len < (int)sizeof(text) - 1 &&
	       !parse(&again, text, len) && again.op == TWS_RULE_SET &&
	       same_rule(&again.rule, rule);
}

/* The word of an accepted line that has the destination in it. */
static const char *dest_of(char *text)
{
	const char *word = strtok(text, " \t\n\v\f\r\xa0");

	return word && !strcmp(word, "del") ?
	       strtok(NULL, " \t\n\v\f\r\xa0") : word;
}

/* Without length and port it is an address, and nothing else. */
static bool is_whole(const char *line, size_t len)
{
	char text[FUZZ_LINE + 1], addr[FUZZ_LINE + 1], ignored[16];
	const char *dest;

	memcpy(text, line, len);
	text[len] = '\0';
	dest = dest_of(text);
	if (!dest)
		return false;
	if (*dest == '[') {
		strcpy(addr, dest + 1);
		addr[strcspn(addr, "]")] = '\0';
	} else {
		strcpy(addr, dest);
		if (strchr(addr, ':') == strrchr(addr, ':'))
			addr[strcspn(addr, ":")] = '\0';
	}
	addr[strcspn(addr, "/")] = '\0';
	return inet_pton(strchr(addr, ':') ? AF_INET6 : AF_INET, addr,
			 ignored) == 1;
}

/* After it was done the rule is there, or is not, and found. */
static bool is_in_place(const struct tws_rule_line *line)
{
	const unsigned int before = rules.nr;
	const struct tws_rule *found;
	const char *why = tws_rules_apply(&rules, line);

	if (rules.nr > TWS_MAX_RULES)
		return false;
	switch (line->op) {
	case TWS_RULE_SET:
		if (why)
			return before == TWS_MAX_RULES && rules.nr == before;
		found = tws_rules_find(&rules, &line->rule.addr,
				       line->rule.port);
		return found && rules.nr >= before;
	case TWS_RULE_DEL:
		return rules.nr == before - !why;
	case TWS_RULE_FLUSH:
		return !why && !rules.nr;
	default:
		return !why && rules.nr == before;
	}
}

static void count_reason(const char *why)
{
	int i;

	for (i = 0; i < MAX_REASONS - 1; i++)
		if (!reasons[i].why || !strcmp(reasons[i].why, why))
			break;
	reasons[i].why = why;
	reasons[i].times++;
}

static void count(unsigned long *counter, const char *what, const char *line,
		  size_t len)
{
	if (++*counter <= 5)
		note_line(what, line, len);
}

static void one_input(void)
{
	const bool valid = !fuzz_below(8);
	struct tws_rule_line parsed;
	char line[FUZZ_LINE];
	size_t len = fuzz_valid(line);
	const char *why;

	if (!valid)
		len = fuzz_mutate(line, len);
	why = parse(&parsed, line, len);
	if (why) {
		refused++;
		count_reason(why);
		if (valid)
			count(&valid_refused, why, line, len);
		return;
	}
	accepted++;
	if ((parsed.op == TWS_RULE_SET || parsed.op == TWS_RULE_DEL) &&
	    !is_whole(line, len))
		count(&not_whole, "is not an address", line, len);
	if (parsed.op == TWS_RULE_SET) {
		if (!is_sane(&parsed.rule) || !has_its_numbers(&parsed.rule, line, len))
			count(&insane, "makes no sense", line, len);
		if (!survives(&parsed.rule))
			count(&not_written, "is not what is written", line,
			      len);
	}
	if (!is_in_place(&parsed))
		count(&misplaced, "is not done", line, len);
}

static int points, failed;

static void point(bool ok, const char *name)
{
	failed += !ok;
	printf("%sok %d - fuzz: %s\n", ok ? "" : "not ", ++points, name);
}

int main(int argc, char **argv)
{
	unsigned long n, inputs;
	int i;

	if (argc != 3) {
		fputs("usage: fuzz SEED COUNT\n", stderr);
		return 2;
	}
	fuzz_seed(strtoull(argv[1], NULL, 10));
	inputs = strtoul(argv[2], NULL, 10);
	puts("TAP version 13\n1..7");
	printf("# seed %s, %lu inputs\n", argv[1], inputs);
	fflush(stdout);
	for (n = 0; n < inputs; n++)
		one_input();
	for (i = 0; i < MAX_REASONS && reasons[i].why; i++)
		printf("# %8lu %s\n", reasons[i].times, reasons[i].why);
	printf("# %lu accepted, %lu refused\n", accepted, refused);
	point(accepted + refused == inputs, "no finding of the sanitizers");
	point(!valid_refused, "every valid line is accepted");
	point(!not_whole, "accepted addresses have nothing behind them");
	point(!insane, "accepted rules are within bounds, and have the numbers of the line");
	point(!not_written, "accepted rules are what is written and read");
	point(!misplaced, "accepted lines do what they say");
	/* Else it has not been where it should. */
	point(accepted > inputs / 10 && refused > inputs / 10,
	      "many lines of both kinds");
	return failed != 0;
}
