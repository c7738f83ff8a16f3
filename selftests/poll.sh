#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# poll() and epoll on the file: woken by a change of level, once per change.
#
# kernels: newest
# on all kernels: poll_one,epoll_level,epoll_edge,not_by_others,keeps_the_module
# debug: poll_many,keeps_the_module
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

polled_net() {
	needs_debugfs
	small_net
	serve $R 443
	dialer $A $R:443
	# No level between warn and full: one step is one change.
	set_sysctl net.tw_summary.crit_percent 100
	monitor_on
}

poller() {
	talk_to poller "$TOOL" poll "$@" $TW_FILE
	POLLER=$LAST_PID
}

# now EXPECTED WHEN: what it sees without waiting
now() {
	ask poller now
	check_eq "poll without waiting, $2" "ready $1" "${HEARD% }"
}

# In poll() or epoll_wait(), not in a read of what it is to do.
asleep() {
	local number

	read -r number _ <"/proc/$POLLER/syscall" || return
	# pselect6, ppoll, epoll_pwait; x86-64 also has poll and epoll_wait.
	case $(uname -m)-$number in
	aarch64-72 | aarch64-73 | aarch64-22) ;;
	x86_64-270 | x86_64-271 | x86_64-281 | x86_64-7 | x86_64-232) ;;
	*) return 1 ;;
	esac
}

# woken_by WHAT LEVEL-CHANGING-COMMAND...: it sleeps, is woken, and there is no
# time limit that could have done it.
woken_by() {
	local what=$1

	shift
	tell poller wait
	wait_for 20 asleep || abort "the poller does not wait"
	"$@"
	hear poller || { fail "$what: not woken"; exit 1; }
	check_eq "$what" "woken" "${HEARD%% *}"
}

# rounds FILES [OPTION...]: level-triggered
rounds() {
	local n=$1

	shift
	polled_net
	poller --files "$n" "$@"
	now 0 "before anything"
	woken_by "ok to warn" dial 48
	check_eq "woken with" "woken $n PE" "$HEARD"
	now "$n PE" "before a read"
	ask poller read
	now 0 "after a read"
	dial 47
	wait_looks
	now 0 "without a change of level"
	woken_by "warn to full" dial 60
	ask poller read
	woken_by "full to warn" dial 50
	ask poller read
	woken_by "warn to ok" dial 0
	ask poller read
	now 0 "at last"
}

poll_one() {
	rounds 1
}

poll_many() {
	rounds 200
}

epoll_level() {
	rounds 1 --epoll
}

epoll_many() {
	rounds 200 --epoll
}

# Edge-triggered: one wake-up per change, whether the file is read or not.
epoll_edge() {
	polled_net
	poller --files 3 --edge
	now 0 "before anything"
	woken_by "ok to warn" dial 48
	now 0 "edge triggered, after it was told"
	woken_by "warn to full, not read meanwhile" dial 60
	ask poller read
	now 0 "after a read"
	woken_by "full to warn" dial 50
	now 0 "edge triggered, after it was told"
}

# Reads of other open files make no difference.
not_read_by_others() {
	polled_net
	poller
	woken_by "ok to warn" dial 48
	cat $TW_FILE >/dev/null
	now "1 PE" "after another open file was read"
	ask poller read
	now 0 "after its own read"
}

# Several processes, each with its own file.
many_processes() {
	local i n=20

	polled_net
	for i in $(seq $n); do
		talk_to "poller$i" "$TOOL" poll $TW_FILE
		tell "poller$i" wait
		POLLER=$LAST_PID
		wait_for 20 asleep || abort "poller $i does not wait"
	done
	dial 48
	for i in $(seq $n); do
		hear "poller$i"
		check_eq "poller $i" "woken 1 PE" "$HEARD"
	done
}

# Levels of another namespace wake nobody here.
not_by_others() {
	polled_net
	poller
	new_ns
	in_ns "$NS_PID" "$BASH" "$0" --inside full_elsewhere ||
		fail "the other namespace"
	now 0 "after a change elsewhere"
}

full_elsewhere() {
	polled_net
	trace_on tw_level
	dial 48
	wait_for 20 changes_are "ok>warn"
	check_eq "changes elsewhere" "ok>warn" "$(changes)"
}

# The program of docs/usage.md.
tables_are() {
	[ "$(grep -c '^# tw_summary' "$TW_TMP/seen")" = "$1" ]
}

# tables COUNT LEVEL: of the last one
tables() {
	wait_for 20 tables_are "$1"
	check_eq "level of table $1" " level=$2" \
		"$(grep -o ' level=[a-z]*' "$TW_TMP/seen" | tail -n 1)"
	check_eq "tables so far" "$1" \
		"$(grep -c '^# tw_summary' "$TW_TMP/seen")"
}

example() {
	polled_net
	"$TW_SELFTESTS/tw_wait" >"$TW_TMP/seen" 2>&1 &
	POLLER=$!
	disown
	remember_pid $POLLER
	tables 1 ok
	wait_for 20 asleep || abort "the example does not wait"
	dial 48
	tables 2 warn
	dial 60
	tables 3 full
	dial 50
	tables 4 warn
	dial 0
	tables 5 ok
}

rmmod_refused() {
	! rmmod tw_summary 2>"$TW_TMP/rmmod"
}

keeps_the_module() {
	needs_modprobe
	polled_net
	poller
	ask poller now
	check "rmmod while a polled file is open" rmmod_refused
	check "the reason is that it is in use: $(<"$TW_TMP/rmmod")" \
		grep -q "in use" "$TW_TMP/rmmod"
	check "the file is still there" [ -e $TW_FILE ]
	woken_by "ok to warn" dial 48
	hang_up poller
	wait_for 20 gone "$POLLER" || abort "the poller does not end"
	check "rmmod after it was closed" rmmod tw_summary
	modprobe tw_summary || abort "modprobe"
}

tw_main poll_one poll_many epoll_level epoll_many epoll_edge not_read_by_others \
	many_processes not_by_others example keeps_the_module
