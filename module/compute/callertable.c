// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who calls connect() and bind(): calls that found no port, all of them, and the
 * others by sampling. Who has found no port makes room last.
 */
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "callertable.h"
#include "compat/list_sort.h"
#include "gfp.h"

/**
 * tws_callertable_init() - make an empty table
 * @table:	the table
 * @seed:	seed of its hash
 * @reserve:	where memory for more than a few callers comes from
 */
void tws_callertable_init(struct tws_callertable *table, u32 seed,
			  struct tws_reserve *reserve)
{
	BUILD_BUG_ON(TWS_MEMO_CHUNKS_FOR(TWS_MEMO_ITEMS, sizeof(struct tws_caller)) >
		     TWS_MEMO_CHUNKS);
	BUILD_BUG_ON(sizeof(struct tws_caller_key) !=
		     sizeof(struct tws_key) + 12 + TASK_COMM_LEN);

	memset(table, 0, sizeof(*table));
	tws_memo_init(&table->memo, seed, TWS_MEMO_ITEMS, table->few,
		      sizeof(table->few[0]), sizeof(table->few[0].key), reserve);
}

static void tws_caller_failed(struct tws_caller *caller, u32 now_s)
{
	if (!caller->fails)
		caller->first_s = now_s;
	caller->last_s = now_s;
	if (caller->fails < U32_MAX)
		caller->fails++;
}

/* The latest weighs 1/8. The mean does not become 0. */
static void tws_caller_searched(struct tws_caller *caller, u32 search_ns)
{
	if (caller->search_ns)
		caller->search_ns += search_ns / 8 - caller->search_ns / 8;
	else
		caller->search_ns = search_ns;
}

/**
 * tws_callertable_add() - count a call
 * @table:	the table
 * @call:	the call
 *
 * Context: any but NMI.
 * Return: true if another caller was forgotten for it.
 */
bool tws_callertable_add(struct tws_callertable *table,
			 const struct tws_call *call)
{
	const u32 now_s = div_u64(call->at_ms, MSEC_PER_SEC);
	struct tws_caller *caller;
	unsigned long flags;
	bool forgot;

	raw_spin_lock_irqsave(&table->memo.lock, flags);
	caller = tws_memo_find_or_add(&table->memo, &call->key, &forgot);
	table->forgotten += forgot;
	if (call->end == TWS_CALL_FAILED)
		tws_caller_failed(caller, now_s);
	if (call->end == TWS_CALL_CLASHED && caller->clashes < U32_MAX)
		caller->clashes++;
	caller->calls += call->calls;
	if (call->search_ns)
		tws_caller_searched(caller, min_t(u64, call->search_ns, U32_MAX));
	memcpy(caller->pid, call->pid, sizeof(caller->pid));
	caller->last = ++table->clock;
	caller->seen_s = now_s;
	if (call->key.pair.dir != TWS_OUT) {
		WRITE_ONCE(table->any_bind, true);
		WRITE_ONCE(table->last_bind_s, now_s);
	}
	tws_memo_use(&table->memo, caller, caller->fails);
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
	return forgot;
}

static bool tws_callers_list_few(struct list_head *list,
				 const struct tws_caller *few, unsigned int nr)
{
	struct tws_caller_copy *copy;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		copy = kmalloc(sizeof(*copy), TWS_GFP);
		if (!copy)
			return false;
		copy->caller = few[i];
		list_add_tail(&copy->list, list);
	}
	return true;
}

static const struct tws_caller *tws_caller_in(tws_compat_list *node)
{
	return &list_entry(node, struct tws_caller_copy, list)->caller;
}

/* The most failures first, then the most clashes, then the most calls, then the latest. */
static int tws_callers_cmp(void *priv, tws_compat_list *a, tws_compat_list *b)
{
	const struct tws_caller *x = tws_caller_in(a), *y = tws_caller_in(b);

	if (x->fails != y->fails)
		return x->fails < y->fails ? 1 : -1;
	if (x->clashes != y->clashes)
		return x->clashes < y->clashes ? 1 : -1;
	if (x->calls != y->calls)
		return x->calls < y->calls ? 1 : -1;
	return x->last < y->last ? 1 : -1;
}

/**
 * tws_callertable_list() - list all callers
 * @table:	the table
 * @list:	result: struct tws_caller_copy, the most failures first; for
 *		tws_callertable_unlist(), whatever is returned
 * @forgotten:	result: callers that made room for others
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM.
 */
int tws_callertable_list(struct tws_callertable *table, struct list_head *list,
			 u64 *forgotten)
{
	const size_t size = TWS_MEMO_FEW * sizeof(struct tws_caller);
	struct tws_caller *few = kmalloc(size, TWS_GFP);
	struct tws_memo_reader reader;
	bool whole = few;
	unsigned int nr;

	INIT_LIST_HEAD(list);
	tws_memo_read(&table->memo, &reader);
	while (whole && (nr = tws_memo_copy(&table->memo, &reader, few)))
		whole = tws_callers_list_few(list, few, nr);
	kfree(few);
	list_sort(NULL, list, tws_callers_cmp);
	*forgotten = READ_ONCE(table->forgotten);
	return whole ? 0 : -ENOMEM;
}

void tws_callertable_unlist(struct list_head *list)
{
	struct tws_caller_copy *copy, *next;

	list_for_each_entry_safe(copy, next, list, list)
		kfree(copy);
	INIT_LIST_HEAD(list);
}

void tws_callertable_reset(struct tws_callertable *table)
{
	unsigned long flags;

	tws_memo_reset(&table->memo);
	raw_spin_lock_irqsave(&table->memo.lock, flags);
	table->forgotten = 0;
	WRITE_ONCE(table->any_bind, false);
	raw_spin_unlock_irqrestore(&table->memo.lock, flags);
}

/**
 * tws_callertable_end() - forget all callers, and take no more memory
 * @table:	the table
 *
 * Context: process context.
 */
void tws_callertable_end(struct tws_callertable *table)
{
	tws_memo_end(&table->memo);
}

/**
 * tws_caller_pid() - number of a caller in a pid namespace
 * @caller:	the caller
 * @pid_ns:	which namespace, not 0
 *
 * Return: 0 if it has none there, or the namespace is nested too deep.
 */
u32 tws_caller_pid(const struct tws_caller *caller, u32 pid_ns)
{
	unsigned int i;

	for (i = 0; i < TWS_PID_LEVELS; i++)
		if (caller->pid[i].ns == pid_ns)
			return caller->pid[i].nr;
	return 0;
}
