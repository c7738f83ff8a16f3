/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TWS_CALLERTABLE_H
#define TWS_CALLERTABLE_H

#include <linux/sched.h>

#include "classify.h"
#include "memo.h"

/* Pid namespaces whose number of a process is remembered: the outermost ones. */
#define TWS_PID_LEVELS	3

/**
 * struct tws_pid_in - number of a process in one pid namespace
 * @ns:		which namespace, see tws_pid_ns_id(); 0 for none
 * @nr:		number of the process
 */
struct tws_pid_in {
	u32 ns;
	u32 nr;
};

/**
 * struct tws_caller_key - who calls, and whom
 * @pair:	of connect(): as an out row's. Of bind(): without remote, and not TWS_OUT
 * @zero:	0
 * @cgroup:	id of the cgroup v2
 * @comm:	name of the program, as of its thread-group leader; zeros follow
 *
 * No padding: keys are compared as memory.
 */
struct tws_caller_key {
	struct tws_key pair;
	u32 zero;
	u64 cgroup;
	char comm[TASK_COMM_LEN];
};

/* How a call has ended. */
enum tws_call_end {
	TWS_CALL_NOT_FAILED,	/* or not for want of a port */
	TWS_CALL_FAILED,	/* it found no port */
	TWS_CALL_CLASHED,	/* it had one, and its very connection was there */
};

/**
 * struct tws_call - a connect() or bind() that is counted
 * @key:	who
 * @pid:	of the thread-group leader, in the pid namespaces that see it
 * @end:	how it ended
 * @calls:	how many calls this one stands for, 0 if it was not sampled
 * @search_ns:	how long it looked for a port, 0 if that is not known
 * @at_ms:	when it ended, in milliseconds, by a clock that never goes back
 */
struct tws_call {
	struct tws_caller_key key;
	struct tws_pid_in pid[TWS_PID_LEVELS];
	enum tws_call_end end;
	u32 calls;
	u64 search_ns;
	u64 at_ms;
};

/**
 * struct tws_caller - the calls of one key
 * @item:	in the table: with a failure it is a lasting one
 * @key:	who
 * @last:	number of the last call among all of the table
 * @calls:	how many there were, about
 * @search_ns:	how long they looked for a port, a moving mean of at most
 *		four seconds; 0 if that is not known
 * @fails:	how many found no port
 * @clashes:	how many clashed
 * @first_s:	when the first one found none
 * @last_s:	when the last one found none
 * @seen_s:	when the last one of all was counted
 * @pid:	of the last call
 */
struct tws_caller {
	struct tws_memo_item item;
	struct tws_caller_key key;
	u64 last;
	u64 calls;
	u32 search_ns;
	u32 fails;
	u32 clashes;
	u32 first_s;
	u32 last_s;
	u32 seen_s;
	struct tws_pid_in pid[TWS_PID_LEVELS];
};

/**
 * struct tws_callertable - the callers of one namespace
 * @memo:	the callers; its lock guards all that follows
 * @clock:	number of calls so far
 * @forgotten:	callers that made room for others
 * @any_bind:	a bind() was counted
 * @last_bind_s: when the last one was
 * @few:	the first callers
 */
struct tws_callertable {
	struct tws_memo memo;
	u64 clock;
	u64 forgotten;
	bool any_bind;
	u32 last_bind_s;
	struct tws_caller few[TWS_MEMO_FEW];
};

/**
 * struct tws_caller_copy - a caller in a list
 * @list:	in the list
 * @caller:	the caller
 */
struct tws_caller_copy {
	struct list_head list;
	struct tws_caller caller;
};

void tws_callertable_init(struct tws_callertable *table, u32 seed,
			  struct tws_reserve *reserve);
bool tws_callertable_add(struct tws_callertable *table,
			 const struct tws_call *call);
int tws_callertable_list(struct tws_callertable *table, struct list_head *list,
			 u64 *forgotten);
void tws_callertable_unlist(struct list_head *list);
void tws_callertable_reset(struct tws_callertable *table);
void tws_callertable_end(struct tws_callertable *table);
u32 tws_caller_pid(const struct tws_caller *caller, u32 pid_ns);

#endif /* TWS_CALLERTABLE_H */
