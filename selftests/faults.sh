#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory runs out while the module is loaded and while a namespace is made: each
# of its allocations is refused once. Nothing worse than ENOMEM may come of it;
# what leaks meanwhile the leak scan at the guest's end finds.
# (For reads there is free_no_memory.sh.)
#
# kernels: debug
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"
needs faults

MODULE=tw_summary
DEBUGFS=/sys/kernel/debug

fault_knobs() { # KNOB VALUE
	local kind

	for kind in failslab fail_page_alloc; do
		echo "$2" >$DEBUGFS/$kind/"$1" || abort "cannot set $kind/$1"
	done
}

# refuse_for START END: every allocation that code between these addresses asks
# for can be refused, without a word in the log.
refuse_for() {
	[ -e $DEBUGFS/failslab/require-start ] ||
		skip "this kernel has no fault injection by caller"
	at_exit "fault_knobs require-start 0"
	at_exit "fault_knobs require-end 0xffffffffffffffff"
	fault_knobs ignore-gfp-wait N
	fault_knobs verbose 0
	fault_knobs require-start "$1"
	fault_knobs require-end "$2"
	echo N >$DEBUGFS/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$DEBUGFS/fail_page_alloc/min-order
}

# refused ARGUMENT...: tw_faults sees to it, and judges
refused() {
	local out status=0

	out=$("$TW_SELFTESTS/tw_faults" "$@" 2>&1) || status=$?
	note "$out"
	check_eq "status of tw_faults $*" 0 $status
}

# Of the hundreds of allocations for loading a module ours are those of its init
# function, which do_one_initcall() calls.
loading() {
	local start end file

	needs_modprobe
	file=$(modinfo -n $MODULE) || abort "no module file"
	read -r start end < <(awk '
		start != "" && $1 != start { print "0x" start, "0x" $1; exit }
		$3 == "do_one_initcall" { start = $1 }' /proc/kallsyms)
	rmmod $MODULE || abort "rmmod failed"
	at_exit "modprobe $MODULE"
	refuse_for "$start" "$end"
	refused load "$file" $MODULE
}

new_namespace() {
	local size start

	read -r _ size _ _ _ start _ < <(grep "^$MODULE " /proc/modules)
	refuse_for "$start" "$(printf '0x%x' $((start + size)))"
	refused netns
}

tw_main loading new_namespace
