# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What every test program sources. A program defines one function per
# subtest and ends with `tw_main NAME...`; each subtest then runs in a
# process and a network namespace of its own, which end with it.

set -uo pipefail
export LC_ALL=C
TW_ARGS=("$@")

TW_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TW_FILE=/proc/net/tw_summary
TOOL=$TW_HERE/tw_traffic

. "$TW_HERE/lib_tap.sh"
. "$TW_HERE/lib_table.sh"
. "$TW_HERE/lib_oracle.sh"

# Counts are chosen for an ordinary kernel; TW_SCALE (percent) makes them
# fit a slow one. Never below MIN (default 3), or nothing would be tested.
scaled() {
	local n=$(($1 * ${TW_SCALE:-100} / 100)) min=${2:-3}

	echo $((n < min ? min : n))
}

# Starts tw_traffic in the background and remembers it, so that it ends
# with the subtest; the process id is in $LAST_PID.
traffic_bg() {
	LAST_PID=$("$TOOL" "$@" --background) ||
		abort "tw_traffic $* failed"
	echo "$LAST_PID" >>"$TW_TMP/pids"
}

traffic() {
	"$TOOL" "$@" || abort "tw_traffic $* failed"
}

# Ends a process that traffic_bg or remember_pid knows, and waits until the
# kernel has closed its sockets.
end_pid() {
	kill -9 "$1" 2>/dev/null
	wait_for 20 gone "$1" || abort "process $1 does not end"
}

gone() {
	! [ -d "/proc/$1" ] || grep -q '^State:.*[ZX]' "/proc/$1/status" 2>/dev/null
}

remember_pid() {
	echo "$1" >>"$TW_TMP/pids"
}

# wait_for SECONDS COMMAND...: until it succeeds; false if it never does.
# Most things are there at once, so it looks often at first.
wait_for() {
	local tries=$(($1 * 10 + 10)) nap=0.01

	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		[ $((tries % 10)) != 0 ] || nap=0.1
		sleep $nap
	done
}

# Addresses of lo outside 127/8 behave like those of a network.
add_addr() {
	local a

	for a; do
		case $a in
		*:*)
			# Its route comes a moment later, from a work queue.
			ip -6 addr add "$a/128" dev lo nodad &&
				wait_for 20 has_route "$a"
			;;
		*) ip addr add "$a/32" dev lo ;;
		esac || abort "cannot add the address $a"
	done
}

has_route() {
	ip route get "$@" >/dev/null 2>&1
}

set_sysctl() {
	sysctl -qw "$1=$2" || abort "cannot set $1 to $2"
}

# The switches that only the initial namespace has.
init_sysctl() {
	nsenter --net=/proc/self/fd/9 sysctl -qw "net.tw_summary.$1=$2" ||
		abort "cannot set net.tw_summary.$1 to $2"
}

# A second network namespace, alive until the subtest ends; a process in it
# is $NS_PID.
new_ns() {
	unshare -n sleep 86400 &
	NS_PID=$!
	disown
	remember_pid $NS_PID
	wait_for 20 has_own_ns $NS_PID || abort "no second namespace"
}

has_own_ns() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ] &&
		[ "$(cat "/proc/$1/comm")" = sleep ]
}

# in_ns PID COMMAND...
in_ns() {
	local pid=$1

	shift
	nsenter --net="/proc/$pid/ns/net" "$@"
}

# check_in_ns WHAT PID FUNCTION: a function with its checks, over there
check_in_ns() {
	check "$1" in_ns "$2" "$BASH" "$0" --inside "$3"
}

module_loaded() {
	[ -e "$TW_FILE" ]
}

# Only a module that modprobe finds can be loaded again.
needs_modprobe() {
	modprobe -n tw_summary 2>/dev/null ||
		skip "modprobe does not find tw_summary: it could not be loaded again"
}
