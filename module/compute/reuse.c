// SPDX-License-Identifier: GPL-2.0-only
/*
 * When connect() may take over a timewait socket: tcp_ipv4.c:tcp_twsk_unique()
 * as it is called for a socket that has no port yet.
 *
 * On all kernels the old connection must have seen timestamps (so that PAWS
 * protects the new one), tcp_tw_reuse must allow it, and some time must have
 * passed. Kernels differ in where that time starts, in its unit, and in whether
 * a socket in FIN_WAIT2 may be taken over: see struct tws_reuse_rule.
 */
#include <linux/if.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/version.h>
#include <net/ipv6.h>

#include "reuse.h"
#include "tuple.h"

/* The first device of every namespace: net_namespace.h:LOOPBACK_IFINDEX. */
#define TWS_LOOPBACK_IFINDEX	1

static bool tws_is_loopback(const struct in6_addr *addr)
{
	return ipv6_addr_loopback(addr) || ipv6_addr_v4mapped_loopback(addr);
}

/**
 * tws_on_loopback() - whether tcp_tw_reuse=2 is about a socket
 * @local:	its local address
 * @remote:	its remote address
 * @dev:	ifindex of its device, 0 for none
 */
bool tws_on_loopback(const struct in6_addr *local, const struct in6_addr *remote,
		     int dev)
{
	return dev == TWS_LOOPBACK_IFINDEX ||
	       tws_is_loopback(local) || tws_is_loopback(remote);
}

static bool tws_same_branch(u32 a, u32 b)
{
	return a >> 8 == b >> 8;
}

/**
 * tws_fin_wait2_reused() - whether connect() takes over sockets in FIN_WAIT2
 * @version:	KERNEL_VERSION() of a kernel
 *
 * "tcp: avoid reusing FIN_WAIT2 when trying to find port in connect() process"
 * came with 6.12, and with the stable releases of October 2024 of the branches
 * below. A kernel of another branch is maintained by somebody else, who may
 * have taken the change over: it counts as having it, because `free` must not
 * be too high.
 *
 * Return: true if the kernel is known not to have the change.
 */
bool tws_fin_wait2_reused(u32 version)
{
	static const u32 first_without[] = {
		KERNEL_VERSION(5, 10, 227),
		KERNEL_VERSION(5, 15, 168),
		KERNEL_VERSION(6, 1, 113),
		KERNEL_VERSION(6, 6, 55),
		KERNEL_VERSION(6, 10, 14),
		KERNEL_VERSION(6, 11, 3),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(first_without); i++)
		if (tws_same_branch(version, first_without[i]))
			return version < first_without[i];
	return false;
}

static const u32 tws_tested[] = {
#include "tested_branches.h"
};

/**
 * tws_rules_tested() - whether the prediction is tested on a kernel's branch
 * @version:	KERNEL_VERSION() of a kernel
 *
 * dkms also builds the module for kernels that came later: their connect() may have
 * other rules.
 */
bool tws_rules_tested(u32 version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tws_tested); i++)
		if (tws_same_branch(version, tws_tested[i]))
			return true;
	return false;
}

/**
 * tws_trust_of() - how well a kernel's rules are known
 * @tested:	see tws_rules_tested()
 * @verified:	what was found on this very kernel, which counts more
 */
enum tws_trust tws_trust_of(bool tested, enum tws_choice verified)
{
	if (verified == TWS_CHOICE_YES)
		return TWS_TRUST_VERIFIED;
	if (verified == TWS_CHOICE_NO)
		return TWS_TRUST_WRONG;
	return tested ? TWS_TRUST_TESTED : TWS_TRUST_UNTESTED;
}

/**
 * tws_trust_word() - what the header says of a kernel's rules
 * @trust:	how well they are known
 */
const char *tws_trust_word(enum tws_trust trust)
{
	static const char *const words[] = {
		[TWS_TRUST_UNTESTED]	= "untested",
		[TWS_TRUST_TESTED]	= "tested",
		[TWS_TRUST_VERIFIED]	= "verified",
		[TWS_TRUST_WRONG]	= "wrong",
	};

	return words[trust];
}

/**
 * tws_newer_than_tested() - whether a kernel's branch is newer than each that is tested
 * @version:	KERNEL_VERSION() of a kernel
 */
bool tws_newer_than_tested(u32 version)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tws_tested); i++)
		if (version >> 8 <= tws_tested[i] >> 8)
			return false;
	return true;
}
