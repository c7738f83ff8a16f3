/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes a module for User-mode Linux what it would be on an x86 server, and its clock one
 * that only runs while the guest does. The compiler includes it before everything else.
 */
#ifndef TW_BENCH_SERVER_H
#define TW_BENCH_SERVER_H

/*
 * As arch/x86/include/asm/barrier.h has them: loads are not reordered with loads, nor stores
 * with stores. Those of User-mode Linux are fences that wait.
 */
#define __smp_rmb()	barrier()
#define __smp_wmb()	barrier()

/* What the files of the module say themselves, before the kernel's headers say less. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ktime.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

/*
 * Processor time of the host's thread that the guest's processor is, in ns. By the host's own
 * system call: some 200 to 300 ns.
 */
static inline u64 tw_thread_ns(void)
{
	enum { CLOCK_GETTIME = 228, THREAD_CPUTIME = 3 };
	struct {
		s64 s;
		s64 ns;
	} now = {};
	long ret;

	asm volatile("syscall" : "=a"(ret)
		     : "0"(CLOCK_GETTIME), "D"(THREAD_CPUTIME), "S"(&now)
		     : "rcx", "r11", "memory");
	return ret ? 0 : now.s * NSEC_PER_SEC + now.ns;
}

/* What walk_us is measured by. */
#define ktime_get()	ns_to_ktime(tw_thread_ns())
/*
 * What longest_ns_without_resched is measured by: asked for each few hundred sockets, which
 * would make the walk some ns longer for each of them.
 */
#ifdef TW_BENCH_LONGEST
#define ktime_get_ns()	tw_thread_ns()
#endif

#endif /* TW_BENCH_SERVER_H */
