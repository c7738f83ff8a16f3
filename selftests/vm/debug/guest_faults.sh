#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest_faults.sh: in the guest; makes the module's allocations fail one by one
# while it is loaded, while a namespace is made and while a summary is read.
# Prints TAP. What leaks meanwhile the leak scan at the guest's end finds.
here=$(dirname "$0")
module=tw_summary
file=/lib/modules/$(uname -r)/extra/$module.ko
debugfs=/sys/kernel/debug

number=0
failures=0
echo 1..3

# attempt TEXT COMMAND...
attempt() {
	local text=$1 out ok=ok

	shift
	out=$("$@" 2>&1) || { ok="not ok"; failures=$((failures + 1)); }
	number=$((number + 1))
	printf '# %s\n%s %d %s\n' "$out" "$ok" "$number" "$text"
}

# faults_count START END: every allocation of code between them can fail, quietly.
faults_count() {
	local kind

	for kind in failslab fail_page_alloc; do
		echo N >$debugfs/$kind/ignore-gfp-wait
		echo 0 >$debugfs/$kind/verbose
		echo "$1" >$debugfs/$kind/require-start
		echo "$2" >$debugfs/$kind/require-end
	done
	echo N >$debugfs/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$debugfs/fail_page_alloc/min-order
}

# Of the hundreds of allocations for loading a module ours are those of its init
# function, which this function of the kernel calls.
read -r start end < <(awk '
	start != "" && $1 != start { print "0x" start, "0x" $1; exit }
	$3 == "do_one_initcall" { start = $1 }' /proc/kallsyms)
faults_count "$start" "$end"
attempt "loading without memory" "$here/faults" load "$file" $module

modprobe $module || exit
read -r _ size _ _ _ start _ < <(grep "^$module " /proc/modules)
faults_count "$start" "$(printf '0x%x' $((start + size)))"
attempt "a new namespace without memory" "$here/faults" netns

# A few sockets, so that there are rows; open ones, so that none goes.
sysctl -q net.tw_summary.cache_ms=0
ip address add 10.8.0.1/32 dev lo
/selftests/tw_traffic pairs --to 10.8.0.1:80 --keep 20 --background >/dev/null || exit
sockets=$(sed -n 's/.* sockets=\([0-9]*\).*/\1/p' /proc/net/tw_summary)
attempt "reading without memory" "$here/faults" read /proc/net/tw_summary "$sockets"

rmmod $module || exit
[ $failures = 0 ]
