// SPDX-License-Identifier: GPL-2.0-only
/* Addresses with ports: from text, and counting them up. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sock.h"

socklen_t addr_len(const struct addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

unsigned int addr_port(const struct addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET ? a->v4.sin_port :
						  a->v6.sin6_port);
}

void addr_set_port(struct addr *a, unsigned int port)
{
	if (a->sa.sa_family == AF_INET)
		a->v4.sin_port = htons(port);
	else
		a->v6.sin6_port = htons(port);
}

bool addr_is_any(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

void addr_wildcard(struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		a->v4.sin_addr.s_addr = htonl(INADDR_ANY);
	else
		a->v6.sin6_addr = in6addr_any;
}

/* The last 32 bits are one number: enough for a million destinations. */
void addr_advance(struct addr *a, unsigned int by)
{
	unsigned char *last = a->sa.sa_family == AF_INET ?
			      (unsigned char *)&a->v4.sin_addr :
			      a->v6.sin6_addr.s6_addr + 12;
	unsigned int n;

	memcpy(&n, last, sizeof(n));
	n = htonl(ntohl(n) + by);
	memcpy(last, &n, sizeof(n));
}

/* 10.0.0.1 becomes ::ffff:10.0.0.1 (0.0.0.0 becomes ::). */
void addr_map(struct addr *a)
{
	struct sockaddr_in v4 = a->v4;

	if (a->sa.sa_family != AF_INET)
		return;
	memset(&a->v6, 0, sizeof(a->v6));
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = v4.sin_port;
	if (v4.sin_addr.s_addr == htonl(INADDR_ANY))
		return;
	memset(a->v6.sin6_addr.s6_addr + 10, 0xff, 2);
	memcpy(a->v6.sin6_addr.s6_addr + 12, &v4.sin_addr, 4);
}

static void parse_v6(const char *text, char *host, struct addr *a)
{
	char *scope = strchr(host, '%');

	a->v6.sin6_family = AF_INET6;
	if (scope) {
		*scope++ = '\0';
		a->v6.sin6_scope_id = if_nametoindex(scope);
		if (!a->v6.sin6_scope_id)
			die_errno("no device %s in %s", scope, text);
	}
	if (inet_pton(AF_INET6, host, &a->v6.sin6_addr) != 1)
		die("not an address: %s", text);
}

void addr_parse(const char *text, struct addr *a)
{
	char buf[128], *host = buf, *port = NULL, *end;
	bool v6;

	memset(a, 0, sizeof(*a));
	if (strlen(text) >= sizeof(buf))
		die("not an address: %s", text);
	memcpy(buf, text, strlen(text) + 1);
	v6 = buf[0] == '[' || strchr(buf, ':') != strrchr(buf, ':');
	if (buf[0] == '[') {
		host++;
		end = strchr(host, ']');
		if (!end || (end[1] && end[1] != ':'))
			die("not an address: %s", text);
		if (end[1])
			port = end + 2;
		*end = '\0';
	} else if (!v6) {
		port = strchr(host, ':');
		if (port)
			*port++ = '\0';
	}
	if (v6) {
		parse_v6(text, host, a);
	} else {
		a->v4.sin_family = AF_INET;
		if (inet_pton(AF_INET, host, &a->v4.sin_addr) != 1)
			die("not an address: %s", text);
	}
	if (port) {
		unsigned int n = parse_number(port);

		if (n > 65535)
			die("not a port: %s", text);
		addr_set_port(a, n);
	}
	a->set = true;
}
