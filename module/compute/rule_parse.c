// SPDX-License-Identifier: GPL-2.0-only
/*
 * The language of /proc/net/tw_thresholds. It is built in user
 * space too, for fuzzing (selftests/fuzz).
 *
 *	ADDR[/LEN][:PORT] warn=N crit=N		ADDR an IPv4 address
 *	V6ADDR[/LEN] warn=N crit=N
 *	[V6ADDR[/LEN]][:PORT] warn=N crit=N	the outer brackets are literal
 *	del ADDR[/LEN][:PORT]
 *	flush
 */
#include <linux/ctype.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "rules.h"

/* A part of the line, not terminated. */
struct tws_word {
	const char *at;
	size_t len;
};

/* Remove the next word from the text and return it; empty at the end. */
static struct tws_word tws_next_word(struct tws_word *text)
{
	struct tws_word word;

	while (text->len && isspace(*text->at)) {
		text->at++;
		text->len--;
	}
	word.at = text->at;
	while (text->len && !isspace(*text->at)) {
		text->at++;
		text->len--;
	}
	word.len = text->at - word.at;
	return word;
}

static bool tws_word_is(const struct tws_word *word, const char *text)
{
	return word->len == strlen(text) && !memcmp(word->at, text, word->len);
}

/* Decimal digits only, nothing else in the word. */
static bool tws_number(const struct tws_word *word, u32 max, u32 *number)
{
	u32 value = 0;
	size_t i;

	if (!word->len || word->len > 5)
		return false;
	for (i = 0; i < word->len; i++) {
		if (!isdigit(word->at[i]))
			return false;
		value = value * 10 + (word->at[i] - '0');
	}
	*number = value;
	return value <= max;
}

/* Split the word at the last character @at; false if there is none. */
static bool tws_split(struct tws_word *word, char at, struct tws_word *rest)
{
	size_t i = word->len;

	while (i && word->at[i - 1] != at)
		i--;
	if (!i)
		return false;
	rest->at = word->at + i;
	rest->len = word->len - i;
	word->len = i - 1;
	return true;
}

static unsigned int tws_count_of(const struct tws_word *word, char c)
{
	unsigned int nr = 0;
	size_t i;

	for (i = 0; i < word->len; i++)
		nr += word->at[i] == c;
	return nr;
}

/* "[ADDR]:PORT" without the brackets; the port is empty if there is none. */
static bool tws_unbracket(struct tws_word *word, struct tws_word *port,
			  bool *has_port)
{
	struct tws_word rest;

	word->at++;
	word->len--;
	if (!tws_split(word, ']', &rest))
		return false;
	*has_port = rest.len;
	if (!rest.len)
		return true;
	if (*rest.at != ':')
		return false;
	port->at = rest.at + 1;
	port->len = rest.len - 1;
	return true;
}

static void tws_mask(struct in6_addr *addr, u8 len)
{
	struct in6_addr full = *addr;

	ipv6_addr_prefix(addr, &full, len);
}

static const char *tws_parse_addr(struct tws_rule *rule, struct tws_word *word,
				  bool v6)
{
	const u32 bits = v6 ? 128 : 32;
	struct tws_word prefix;
	const char *end;
	u32 len = bits;
	__be32 v4;

	if (tws_split(word, '/', &prefix) && !tws_number(&prefix, bits, &len))
		return v6 ? "prefix length is not 0 to 128" :
			    "prefix length is not 0 to 32";
	/* With delim -1 these stop at a character that no address has: *end. */
	if (v6) {
		if (!in6_pton(word->at, word->len, rule->addr.s6_addr, -1,
			      &end) || end != word->at + word->len)
			return "not an IPv6 address";
	} else {
		if (!in4_pton(word->at, word->len, (u8 *)&v4, -1, &end) ||
		    end != word->at + word->len)
			return "not an IPv4 address";
		ipv6_addr_set_v4mapped(v4, &rule->addr);
		len += 96;
	}
	rule->len = len;
	tws_mask(&rule->addr, len);
	return NULL;
}

static const char *tws_parse_dest(struct tws_rule *rule, struct tws_word word)
{
	struct tws_word port = { NULL, 0 };
	bool has_port = false, v6;
	u32 number = 0;

	if (!word.len)
		return "address is missing";
	if (*word.at == '[') {
		v6 = true;
		if (!tws_unbracket(&word, &port, &has_port))
			return "no \"]\" or \"]:PORT\" after \"[\"";
	} else {
		/* More than one colon is an IPv6 address without a port. */
		v6 = tws_count_of(&word, ':') > 1;
		if (!v6)
			has_port = tws_split(&word, ':', &port);
	}
	if (has_port && (!tws_number(&port, 65535, &number) || !number))
		return "port is not 1 to 65535";
	rule->port = number;
	return tws_parse_addr(rule, &word, v6);
}

static const char *tws_parse_threshold(const struct tws_word *word, u32 *warn,
				       u32 *crit)
{
	struct tws_word name = *word, value;
	u32 *number;

	if (!tws_split(&name, '=', &value))
		return "expected warn=N and crit=N";
	if (tws_word_is(&name, "warn"))
		number = warn;
	else if (tws_word_is(&name, "crit"))
		number = crit;
	else
		return "expected warn=N and crit=N";
	if (*number)
		return "warn or crit given twice";
	if (!tws_number(&value, 100, number) || !*number)
		return "percentage is not 1 to 100";
	return NULL;
}

static const char *tws_parse_thresholds(struct tws_rule *rule,
					struct tws_word *text)
{
	u32 warn = 0, crit = 0;
	int i;

	for (i = 0; i < 2; i++) {
		struct tws_word word = tws_next_word(text);
		const char *why = tws_parse_threshold(&word, &warn, &crit);

		if (why)
			return why;
	}
	if (warn > crit)
		return "warn is above crit";
	rule->th.warn = warn;
	rule->th.crit = crit;
	return NULL;
}

/**
 * tws_rule_parse() - parse a line
 * @line:	result
 * @text:	the line, without its end, not terminated
 * @len:	its length
 *
 * Return: NULL, or the reason why the line is wrong.
 */
const char *tws_rule_parse(struct tws_rule_line *line, const char *text,
			   size_t len)
{
	struct tws_word rest = { text, len }, word;
	const char *why = NULL;

	memset(line, 0, sizeof(*line));
	if (len > TWS_RULE_LINE)
		return "line is too long";
	if (memchr(text, '\0', len))
		return "a byte is zero";
	word = tws_next_word(&rest);
	if (!word.len) {
		line->op = TWS_RULE_NOTHING;
		return NULL;
	}
	if (tws_word_is(&word, "flush")) {
		line->op = TWS_RULE_FLUSH;
	} else if (tws_word_is(&word, "del")) {
		line->op = TWS_RULE_DEL;
		why = tws_parse_dest(&line->rule, tws_next_word(&rest));
	} else {
		line->op = TWS_RULE_SET;
		why = tws_parse_dest(&line->rule, word);
		if (!why)
			why = tws_parse_thresholds(&line->rule, &rest);
	}
	if (!why && tws_next_word(&rest).len)
		why = "something follows that does not belong there";
	return why;
}
