#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest_faults.sh: in the guest; makes the module's allocations fail one by one
# while it is loaded and while a namespace is made. Prints TAP. What leaks
# meanwhile the leak scan at the guest's end finds.
here=$(dirname "$0")
module=tw_summary
file=/lib/modules/$(uname -r)/extra/$module.ko
debugfs=/sys/kernel/debug

number=0
failures=0
echo 1..2

# attempt TEXT COMMAND...
attempt() {
	local text=$1 out ok=ok

	shift
	out=$("$@" 2>&1) || { ok="not ok"; failures=$((failures + 1)); }
	number=$((number + 1))
	printf '# %s\n%s %d - faults: %s\n' "$out" "$ok" "$number" "$text"
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

rmmod $module || exit
[ $failures = 0 ]
