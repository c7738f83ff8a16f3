// SPDX-License-Identifier: GPL-2.0-only
/* Lines of the language, and what becomes of them by mutation. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "generate.h"

static u64 state;

/* xorshift64*: 0 is the one state that it never leaves. */
void fuzz_seed(u64 seed)
{
	state = seed ? seed : 1;
}

static u64 next(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dull;
}

u32 fuzz_below(u32 limit)
{
	return (next() >> 32) % limit;
}

static bool chance(u32 one_in)
{
	return !fuzz_below(one_in);
}

static void some_v4(char *text, size_t size)
{
	snprintf(text, size, "%u.%u.%u.%u", fuzz_below(256), fuzz_below(256),
		 fuzz_below(4), fuzz_below(4));
}

/* Many zeros, so that there is something to compress; mapped ones too. */
static void some_v6(char *text, size_t size)
{
	u8 addr[16] = { 0 };
	int i;

	for (i = 0; i < 16; i++)
		if (chance(3))
			addr[i] = fuzz_below(256);
	if (chance(8)) {
		memset(addr, 0, 10);
		memset(addr + 10, 0xff, 2);
	}
	inet_ntop(AF_INET6, addr, text, size);
}

static void some_prefix(char *text, size_t size, u32 bits)
{
	text[0] = '\0';
	if (chance(2))
		snprintf(text, size, "/%u", fuzz_below(bits + 1));
}

static void some_port(char *text, size_t size)
{
	text[0] = '\0';
	if (chance(2))
		snprintf(text, size, ":%u", 1 + fuzz_below(65535));
}

static void some_dest(char *text, size_t size)
{
	char addr[64], prefix[8], port[8];

	some_port(port, sizeof(port));
	if (chance(2)) {
		some_v4(addr, sizeof(addr));
		some_prefix(prefix, sizeof(prefix), 32);
		snprintf(text, size, "%s%s%s", addr, prefix, port);
		return;
	}
	some_v6(addr, sizeof(addr));
	some_prefix(prefix, sizeof(prefix), 128);
	if (port[0] || chance(2))
		snprintf(text, size, "[%s%s]%s", addr, prefix, port);
	else
		snprintf(text, size, "%s%s", addr, prefix);
}

/* A line that must be accepted. */
size_t fuzz_valid(char line[FUZZ_LINE])
{
	const u32 warn = 1 + fuzz_below(100);
	const u32 crit = warn + fuzz_below(101 - warn);
	char dest[128];

	if (chance(64))
		return snprintf(line, FUZZ_LINE, "flush");
	some_dest(dest, sizeof(dest));
	if (chance(4))
		return snprintf(line, FUZZ_LINE, "del %s", dest);
	if (chance(4))
		return snprintf(line, FUZZ_LINE, " %s\tcrit=%u  warn=%u ",
				dest, crit, warn);
	return snprintf(line, FUZZ_LINE, "%s warn=%u crit=%u", dest, warn,
			crit);
}

/* What the language is made of, and what is next to it. */
static const char *const pieces[] = {
	"warn=", "crit=", "del ", "flush", "[", "]", "]:", ":", "::", "/", ".",
	"=", " ", "\t", "\n", "0", "1", "100", "101", "128", "129", "32", "33",
	"65535", "65536", "4294967296", "4294967376", "99999999999999999999", "-1", "+1",
	"0x10", "%eth0", "ffff", "::ffff:1.2.3.4", "10.0.0.1", "\xa0", "\xff",
};

static size_t insert(char line[FUZZ_LINE], size_t len, size_t at,
		     const char *text, size_t n)
{
	if (len + n > FUZZ_LINE)
		return len;
	memmove(line + at + n, line + at, len - at);
	memcpy(line + at, text, n);
	return len + n;
}

static size_t cut(char line[FUZZ_LINE], size_t len, size_t at, size_t n)
{
	if (n > len - at)
		n = len - at;
	memmove(line + at, line + at + n, len - at - n);
	return len - n;
}

static size_t repeat(char line[FUZZ_LINE], size_t len, size_t at)
{
	char copy[FUZZ_LINE];
	size_t n = 1 + fuzz_below(len - at ? len - at : 1);

	if (n > len - at)
		return len;
	memcpy(copy, line + at, n);
	return insert(line, len, at, copy, n);
}

static size_t mutate_once(char line[FUZZ_LINE], size_t len)
{
	const size_t at = fuzz_below(len + 1);
	const char *piece = pieces[fuzz_below(sizeof(pieces) /
					      sizeof(pieces[0]))];
	char byte = fuzz_below(256);

	switch (fuzz_below(7)) {
	case 0:
		if (at < len)
			line[at] ^= 1 << fuzz_below(8);
		return len;
	case 1:
		if (at < len)
			line[at] = byte;
		return len;
	case 2:
		return insert(line, len, at, &byte, 1);
	case 3:
		return insert(line, len, at, piece, strlen(piece));
	case 4:
		return cut(line, len, at, 1 + fuzz_below(8));
	case 5:
		return at;	/* cut off */
	default:
		return repeat(line, len, at);
	}
}

size_t fuzz_mutate(char line[FUZZ_LINE], size_t len)
{
	u32 times = 1 + fuzz_below(4);

	while (times--)
		len = mutate_once(line, len);
	return len;
}
