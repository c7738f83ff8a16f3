// SPDX-License-Identifier: GPL-2.0-only
/* The few functions of the kernel that the rules call, for user space. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/inet.h>
#include <linux/kernel.h>

/* How much of the text may be an address, by what may be in one. */
static int pton(int family, const char *src, int srclen, u8 *dst, int delim,
		const char **end)
{
	const char *chars = family == AF_INET ? "0123456789." :
						"0123456789abcdefABCDEF:.";
	char text[INET6_ADDRSTRLEN];
	int len = 0;

	if (delim != -1)
		abort();
	while (len < srclen && src[len] && strchr(chars, src[len]))
		len++;
	if (len >= (int)sizeof(text))
		return 0;
	memcpy(text, src, len);
	text[len] = '\0';
	if (end)
		*end = src + len;
	return inet_pton(family, text, dst);
}

int in4_pton(const char *src, int srclen, u8 *dst, int delim, const char **end)
{
	return pton(AF_INET, src, srclen, dst, delim, end);
}

int in6_pton(const char *src, int srclen, u8 *dst, int delim, const char **end)
{
	return pton(AF_INET6, src, srclen, dst, delim, end);
}

/* Writes one conversion, and returns the format behind it. */
static const char *convert(char *text, size_t size, const char *format,
			   va_list *args)
{
	if (*format == 'u') {
		snprintf(text, size, "%u", va_arg(*args, unsigned int));
		return format + 1;
	}
	if (!strncmp(format, "pI4", 3)) {
		inet_ntop(AF_INET, va_arg(*args, void *), text, size);
		return format + 3;
	}
	if (!strncmp(format, "pI6c", 4)) {
		inet_ntop(AF_INET6, va_arg(*args, void *), text, size);
		return format + 4;
	}
	fprintf(stderr, "scnprintf: %%%s is not known here\n", format);
	abort();
}

int scnprintf(char *buf, size_t size, const char *format, ...)
{
	char text[64];
	size_t len = 0, i;
	va_list args;

	if (!size)
		return 0;
	va_start(args, format);
	while (*format) {
		text[0] = *format;
		text[1] = '\0';
		if (*format++ == '%')
			format = convert(text, sizeof(text), format, &args);
		for (i = 0; text[i] && len + 1 < size; i++)
			buf[len++] = text[i];
	}
	va_end(args);
	buf[len] = '\0';
	return len;
}
