/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_REUSE_H
#define TWS_REUSE_H

#include <linux/jiffies.h>
#include <linux/types.h>
#include <net/ipv6.h>

#include "choice.h"
#include "tuple.h"

/* net.ipv4.tcp_tw_reuse */
enum tws_reuse_mode {
	TWS_REUSE_OFF,
	TWS_REUSE_ON,
	TWS_REUSE_LOOPBACK,
};

/**
 * enum tws_trust - how well this kernel's rules are known
 * @TWS_TRUST_UNTESTED: its branch is none of those that the project tests
 * @TWS_TRUST_TESTED: it is one of them
 * @TWS_TRUST_VERIFIED: `twstat --verify` has proven the prediction on this very kernel
 * @TWS_TRUST_WRONG: it has disproved the prediction
 */
enum tws_trust {
	TWS_TRUST_UNTESTED,
	TWS_TRUST_TESTED,
	TWS_TRUST_VERIFIED,
	TWS_TRUST_WRONG,
};

/**
 * struct tws_reuse_rule - when connect() may take over a timewait socket
 * @mode:	enum tws_reuse_mode
 * @by_entry:	age is measured from the entry to TIME_WAIT, in milliseconds
 *		(6.14 and later); else from the last segment with a timestamp,
 *		in whole seconds
 * @delay_ms:	with @by_entry: the age that is needed (tcp_tw_reuse_delay)
 * @fin_wait2:	a socket in substate FIN_WAIT2 may be taken over too
 */
struct tws_reuse_rule {
	u8 mode;
	bool by_entry;
	u32 delay_ms;
	bool fin_wait2;
};

/**
 * struct tws_clock - the time, in the units that the kernel compares
 * @seconds:	ktime_get_seconds()
 * @ms:		tcp_clock_ms()
 */
struct tws_clock {
	u32 seconds;
	u32 ms;
};

bool tws_fin_wait2_reused(u32 version);
bool tws_rules_tested(u32 version);
enum tws_trust tws_trust_of(bool tested, enum tws_choice verified);
const char *tws_trust_word(enum tws_trust trust);
bool tws_newer_than_tested(u32 version);
bool tws_on_loopback(const struct in6_addr *local, const struct in6_addr *remote,
		     int dev);

static inline bool tws_old_enough(const struct tws_reuse_rule *rule,
				  const struct tws_clock *now,
				  const struct tws_tuple *t)
{
	if (rule->by_entry)
		return time_after32(now->ms, t->entry_stamp + rule->delay_ms);
	return time_after32(now->seconds, t->ts_recent_stamp);
}

/**
 * tws_reusable_timewait() - tws_reusable() of a socket in TIME_WAIT
 * @rule:	the kernel's rule
 * @now:	the time
 * @t:		the socket
 */
static inline bool tws_reusable_timewait(const struct tws_reuse_rule *rule,
					 const struct tws_clock *now,
					 const struct tws_tuple *t)
{
	return t->ts_recent_stamp && tws_old_enough(rule, now, t);
}

/**
 * tws_reusable() - whether connect() would take over a socket with tcp_tw_reuse=1
 * @rule:	the kernel's rule
 * @now:	the time
 * @t:		any socket
 */
static inline bool tws_reusable(const struct tws_reuse_rule *rule,
				const struct tws_clock *now,
				const struct tws_tuple *t)
{
	if (t->kind != TWS_KIND_TIMEWAIT)
		return false;
	if (t->state == TWS_STATE_FIN_WAIT2 && !rule->fin_wait2)
		return false;
	return tws_reusable_timewait(rule, now, t);
}

/**
 * tws_reuse_allowed() - whether the namespace's tcp_tw_reuse is about a socket
 * @rule:	the namespace's setting
 * @on_loopback: see tws_on_loopback()
 *
 * connect() takes over those that tws_reusable() is true of as well.
 */
static inline bool tws_reuse_allowed(const struct tws_reuse_rule *rule,
				     bool on_loopback)
{
	return rule->mode == TWS_REUSE_ON ||
	       (rule->mode == TWS_REUSE_LOOPBACK && on_loopback);
}

/**
 * tws_tuple_on_loopback() - whether tcp_tw_reuse=2 is about a socket
 * @t:		any socket
 */
static inline bool tws_tuple_on_loopback(const struct tws_tuple *t)
{
	struct in6_addr local, remote;

	tws_tuple_addresses(t, &local, &remote);
	return tws_on_loopback(&local, &remote, t->dev);
}

/**
 * tws_may_reuse() - whether connect() would take over a socket now
 * @rule:	the kernel's rule and the namespace's setting
 * @now:	the time
 * @t:		any socket
 */
static inline bool tws_may_reuse(const struct tws_reuse_rule *rule,
				 const struct tws_clock *now,
				 const struct tws_tuple *t)
{
	return tws_reusable(rule, now, t) &&
	       tws_reuse_allowed(rule, tws_tuple_on_loopback(t));
}

#endif /* TWS_REUSE_H */
