# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Finds lines in a kernel log that no passing test may have. Sourced.

# tw_complaints [ALLOW-REGEX] <LOG: prints the lines that complain, but for those
# that match; status 1 if there is none.
tw_complaints() {
	local re

	re='BUG:|kernel BUG|WARNING:|Oops|general protection fault'
	re+='|Kernel panic|Call Trace:|double fault|stack guard page'
	re+='|suspicious RCU|unreferenced object|KASAN|KCSAN|KFENCE|UBSAN'
	re+='|possible (circular|recursive|irq lock)|possible deadlock'
	re+='|inconsistent lock state|held lock freed|bad unlock balance'
	re+='|INFO: task .* blocked|soft lockup|hard LOCKUP|self-detected stall'
	re+='|detected stall|rcu_.*kthread starved|refcount_t:|list_(add|del) corruption'
	re+='|Unable to handle|sleeping function called|scheduling while atomic'
	re+='|ODEBUG|DEBUG_LOCKS_WARN_ON|Bad page|page allocation failure'
	re+='|unregister_netdevice: waiting|INFO: trying to register non-static'
	re+='|Out of memory|oom-kill'
	# kfence and the sanitizers report themselves at boot.
	grep -E "$re" |
		grep -vE 'kfence: initialized|KernelAddressSanitizer initialized' |
		{ if [ -n "${1:-}" ]; then grep -vE "$1"; else cat; fi; } |
		grep .
}
