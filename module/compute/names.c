// SPDX-License-Identifier: GPL-2.0-only
/* How addresses and levels are written. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "classify.h"
#include "level.h"
#include "names.h"

/* ADDR, ADDR%DEV, ADDR:PORT or ADDR%DEV:PORT; IPv6 in brackets before a port. */
static unsigned int tws_name(char *buf, const struct in6_addr *addr,
			     const char *dev_name, int port)
{
	const bool v4 = ipv6_addr_v4mapped(addr);
	const bool brackets = !v4 && port >= 0;
	unsigned int len = 0;

	if (brackets)
		len += scnprintf(buf + len, TWS_NAME_MAX - len, "[");
	if (v4)
		len += scnprintf(buf + len, TWS_NAME_MAX - len, "%pI4",
				 &addr->s6_addr32[3]);
	else
		len += scnprintf(buf + len, TWS_NAME_MAX - len, "%pI6c", addr);
	if (dev_name && *dev_name)
		len += scnprintf(buf + len, TWS_NAME_MAX - len, "%%%s",
				 dev_name);
	if (brackets)
		len += scnprintf(buf + len, TWS_NAME_MAX - len, "]");
	if (port >= 0)
		len += scnprintf(buf + len, TWS_NAME_MAX - len, ":%d", port);
	return len;
}

/**
 * tws_local_name() - write the column "local" of a row
 * @buf:	TWS_NAME_MAX bytes
 * @key:	key of the row; NULL for a destination that nobody has used yet
 * @dev_name:	name of its device, "" for none
 *
 * Return: length.
 */
unsigned int tws_local_name(char *buf, const struct tws_key *key,
			    const char *dev_name)
{
	if (!key)
		return scnprintf(buf, TWS_NAME_MAX, "*");
	return tws_name(buf, &key->local, dev_name,
			key->dir == TWS_OUT ? -1 : key->lport);
}

/**
 * tws_remote_name() - write the column "remote" of a row
 * @buf:	TWS_NAME_MAX bytes
 * @key:	key of the row; NULL for a destination that nobody has used yet
 *
 * Return: length.
 */
unsigned int tws_remote_name(char *buf, const struct tws_key *key)
{
	if (!key || key->dir != TWS_OUT)
		return scnprintf(buf, TWS_NAME_MAX, "*");
	return tws_name(buf, &key->remote, NULL, key->rport);
}

/**
 * tws_source_name() - write the address of a bind() call
 * @buf:	TWS_NAME_MAX bytes
 * @addr:	the address, IPv4 as IPv4-mapped
 * @dev_name:	name of the device, "" for none
 *
 * The wildcard of IPv6 is written as [::].
 *
 * Return: length.
 */
unsigned int tws_source_name(char *buf, const struct in6_addr *addr,
			     const char *dev_name)
{
	if (!ipv6_addr_any(addr))
		return tws_name(buf, addr, dev_name, -1);
	return scnprintf(buf, TWS_NAME_MAX, *dev_name ? "[::]%%%s" : "[::]", dev_name);
}

/**
 * tws_trace_pair() - write a pair as an event has it
 * @pair:	result
 * @key:	key of the pair; NULL for a destination that nobody has used yet
 */
void tws_trace_pair(struct tws_trace_pair *pair, const struct tws_key *key)
{
	memset(pair, 0, sizeof(*pair));
	if (!key)
		return;
	pair->sport = key->lport;
	pair->dport = key->rport;
	pair->saddr_v6 = key->local;
	pair->daddr_v6 = key->remote;
	pair->family = ipv6_addr_v4mapped(&key->local) ? AF_INET : AF_INET6;
	if (pair->family == AF_INET) {
		pair->saddr = key->local.s6_addr32[3];
		pair->daddr = key->remote.s6_addr32[3];
	}
}

/**
 * tws_comm_name() - write the name of a program as one field
 * @buf:	TWS_COMM_NAME_MAX bytes
 * @comm:	the name
 *
 * Blanks, backslashes and what does not print become \ooo. An empty name is "-", and so
 * that this is not mistaken, the name "-" is \055.
 */
void tws_comm_name(char *buf, const char comm[TASK_COMM_LEN])
{
	const bool dash = !strcmp(comm, "-");
	unsigned int len = 0, i;

	for (i = 0; i < TASK_COMM_LEN - 1 && comm[i]; i++) {
		const unsigned char c = comm[i];

		if (c > ' ' && c < 0x7f && c != '\\' && !dash)
			buf[len++] = c;
		else
			len += sprintf(buf + len, "\\%03o", c);
	}
	if (!len)
		buf[len++] = '-';
	buf[len] = '\0';
}

static const char * const tws_level_names[TWS_NR_LEVELS] = {
	[TWS_LEVEL_OK] = "ok",
	[TWS_LEVEL_WARN] = "warn",
	[TWS_LEVEL_CRIT] = "crit",
	[TWS_LEVEL_FULL] = "full",
};

/**
 * tws_level_name() - the word for a level
 * @level:	enum tws_level
 */
const char *tws_level_name(u8 level)
{
	return level < TWS_NR_LEVELS ? tws_level_names[level] : "-";
}
