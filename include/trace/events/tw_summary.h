/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tw_summary

#if !defined(TWS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TWS_TRACE_H

#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "compute/level.h"
#include "compute/names.h"
#include "compute/watch.h"

/*
 * Addresses and ports as the kernel's own events of TCP sockets have them, for filters:
 * @sport is 0 where it is not one port, and without IPv6 the addresses of IPv6 are mapped
 * ones. A destination that nobody has used yet has the family 0, and zeros. The names
 * @local and @remote are beside them, because %pISpc writes no device, and no `*`.
 */
#define TWS_TRACE_PAIR							\
	__field(u16, family)						\
	__field(u16, sport)						\
	__field(u16, dport)						\
	__array(u8, saddr, 4)						\
	__array(u8, daddr, 4)						\
	__array(u8, saddr_v6, 16)					\
	__array(u8, daddr_v6, 16)

#define TWS_TRACE_ASSIGN_PAIR(key)					\
	do {								\
		struct tws_trace_pair pair;				\
									\
		tws_trace_pair(&pair, key);				\
		__entry->family = pair.family;				\
		__entry->sport = pair.sport;				\
		__entry->dport = pair.dport;				\
		memcpy(__entry->saddr, &pair.saddr, 4);			\
		memcpy(__entry->daddr, &pair.daddr, 4);			\
		memcpy(__entry->saddr_v6, &pair.saddr_v6, 16);		\
		memcpy(__entry->daddr_v6, &pair.daddr_v6, 16);		\
	} while (0)

/* perf and trace-cmd print by what is in the event's format, where enums are numbers. */
TRACE_DEFINE_ENUM(TWS_LEVEL_OK);
TRACE_DEFINE_ENUM(TWS_LEVEL_WARN);
TRACE_DEFINE_ENUM(TWS_LEVEL_CRIT);
TRACE_DEFINE_ENUM(TWS_LEVEL_FULL);

#define tws_show_level(level)						\
	__print_symbolic(level, { TWS_LEVEL_OK, "ok" },			\
			 { TWS_LEVEL_WARN, "warn" },			\
			 { TWS_LEVEL_CRIT, "crit" },			\
			 { TWS_LEVEL_FULL, "full" })

/* A destination has changed its level, as the monitor sees it. */
TRACE_EVENT(tw_level,
	TP_PROTO(const struct tws_event *event),
	TP_ARGS(event),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(char, local, TWS_NAME_MAX)
		__array(char, remote, TWS_NAME_MAX)
		__field(u8, old_level)
		__field(u8, new_level)
		__field(u32, use_permille)
		__field(u32, open)
		__field(u32, free)
		__field(u32, timewait)
		__field(u32, closes_10s)
		TWS_TRACE_PAIR
	),
	TP_fast_assign(
		__entry->netns = event->netns;
		TWS_TRACE_ASSIGN_PAIR(event->key);
		tws_local_name(__entry->local, event->key, event->dev_name);
		tws_remote_name(__entry->remote, event->key);
		__entry->old_level = event->old_level;
		__entry->new_level = event->new_level;
		__entry->use_permille = event->use_permille;
		__entry->open = event->open;
		__entry->free = event->free;
		__entry->timewait = event->timewait;
		__entry->closes_10s = event->closes_10s;
	),
	TP_printk("netns=%u local=%s remote=%s old=%s new=%s use=%u.%u%% free=%u of=%u tw=%u close/s=%u.%u",
		  __entry->netns, __entry->local, __entry->remote,
		  tws_show_level(__entry->old_level),
		  tws_show_level(__entry->new_level),
		  __entry->use_permille / 10, __entry->use_permille % 10,
		  __entry->free, __entry->open, __entry->timewait,
		  __entry->closes_10s / 10, __entry->closes_10s % 10)
);

/* The monitor does not know the levels of a namespace any more, or knows them again. */
TRACE_EVENT(tw_level_unknown,
	TP_PROTO(unsigned int netns, bool unknown),
	TP_ARGS(netns, unknown),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(u8, unknown)
	),
	TP_fast_assign(
		__entry->netns = netns;
		__entry->unknown = unknown;
	),
	TP_printk("netns=%u unknown=%u", __entry->netns, __entry->unknown)
);

/* A connect() has found no free port. */
TRACE_EVENT(tw_connect_failed,
	TP_PROTO(unsigned int netns, const struct tws_key *key),
	TP_ARGS(netns, key),
	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__array(char, local, TWS_NAME_MAX)
		__array(char, remote, TWS_NAME_MAX)
		__field(pid_t, pid)
		__array(char, comm, TASK_COMM_LEN)
		TWS_TRACE_PAIR
	),
	TP_fast_assign(
		__entry->netns = netns;
		TWS_TRACE_ASSIGN_PAIR(key);
		tws_local_name(__entry->local, key, NULL);
		tws_remote_name(__entry->remote, key);
		__entry->pid = current->tgid;
		memcpy(__entry->comm, current->comm, TASK_COMM_LEN);
	),
	TP_printk("netns=%u local=%s remote=%s pid=%d comm=%s",
		  __entry->netns, __entry->local, __entry->remote,
		  __entry->pid, __entry->comm)
);

#endif /* TWS_TRACE_H */

#include <trace/define_trace.h>
