# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Every test program sources this. A program defines one function per subtest and ends
# with `tw_main NAME...`. Each subtest runs in a process and a network namespace of its
# own, which end with it.

set -uo pipefail
export LC_ALL=C
TW_ARGS=("$@")

TW_LIB=${BASH_SOURCE[0]%/*}
case $TW_LIB in /*) ;; *) TW_LIB=$PWD/$TW_LIB ;; esac
TW_SELFTESTS=${TW_LIB%/*}
TW_FILE=/proc/net/tw_summary
TOOL=$TW_SELFTESTS/tw_traffic

. "$TW_LIB/checks.sh"
. "$TW_LIB/table.sh"
. "$TW_LIB/wellformed.sh"
. "$TW_LIB/oracle.sh"

# needs WORD...: what the program takes that not each machine has (needs.sh has the words). It
# says so once, after it has sourced the library. (The harness reads the same line: it does not
# choose a kernel that lacks this.)
TW_NEEDS=()
needs() {
	TW_NEEDS+=("$@")
}

# tw_main NAME...: the subtests that the program has
tw_main() {
	case ${TW_ARGS[0]-} in
	--list) printf '%s\n' "$@" ;;
	--inside) tw_run_inside "${TW_ARGS[1]}" ;;
	*)
		. "$TW_LIB/tap.sh"
		. "$TW_LIB/needs.sh"
		. "$TW_LIB/subtests.sh"
		tw_run_subtests "$@" ;;
	esac
}

# scaled N [MIN]: N is chosen for an ordinary kernel. TW_SCALE (percent) reduces it for
# a slow one, but not below MIN (3).
scaled() {
	local n=$(($1 * ${TW_SCALE:-100} / 100)) min=${2:-3}

	echo $((n < min ? min : n))
}

# Starts tw_traffic in the background. It ends with the subtest. Its process id is in
# $LAST_PID.
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
	local key value

	while read -r key value; do
		[ "$key" != State: ] || break
	done 2>/dev/null <"/proc/$1/status"
	case ${value-} in '' | [ZX]*) return 0 ;; esac
	return 1
}

alive() {
	! gone "$1"
}

# check_alive PID...: processes that make a load must still run. If one has ended, the
# test has tested nothing.
check_alive() {
	local pid

	for pid; do
		check "process $pid, a load, has ended" alive "$pid"
	done
}

remember_pid() {
	echo "$1" >>"$TW_TMP/pids"
}

# wait_for SECONDS COMMAND...: until it succeeds; false if it never does.
# It tries often at first, because most conditions come true at once, and later twice a
# second, because a try may start several processes.
wait_for() {
	local left=$(($1 * 1000 + 1000)) nap=10

	shift
	until "$@"; do
		[ $left -gt 0 ] || return 1
		sleep_ms $nap
		left=$((left - nap))
		nap=$((nap < 400 ? nap * 5 / 4 + 1 : 500))
	done
}

# sleep_ms MILLISECONDS: reads with a time limit from a pipe that stays empty. The
# program sleep would cost a process, and processes are what takes time in a guest.
sleep_ms() {
	local ms=000$(($1 % 1000)) none

	[ -n "${TW_NEVER-}" ] || exec {TW_NEVER}<> <(:)
	! read -rt "$(($1 / 1000)).${ms: -3}" -u "$TW_NEVER" none
}

# Addresses of lo outside 127/8 behave like those of a network.
add_addr() {
	local a lines=

	for a; do
		case $a in
		*:*) lines+="addr add $a/128 dev lo nodad"$'\n' ;;
		*) lines+="addr add $a/32 dev lo"$'\n' ;;
		esac
	done
	ip -batch - <<<"$lines" || abort "cannot add the addresses $*"
	for a; do
		case $a in
		# Its route comes a moment later, from a work queue.
		*:*) wait_for 20 has_route "$a" || abort "no route to $a" ;;
		esac
	done
}

# tcp_counter NAME: a counter of this namespace, as nstat has it without "TcpExt"
tcp_counter() {
	local line names=() values i

	while read -r line; do
		case $line in 'TcpExt: '*) ;; *) continue ;; esac
		read -ra values <<<"$line"
		for i in "${!names[@]}"; do
			[ "${names[i]}" != "$1" ] || echo "${values[i]}"
		done
		names=("${values[@]}")
	done </proc/net/netstat
}

# Ports that connect() has taken over from TIME_WAIT, in this namespace
recycled() {
	tcp_counter TWRecycled
}

# recycled_since N: whether there are more of them by now
recycled_since() {
	[ "$(recycled)" -gt "$1" ]
}

has_route() {
	ip route get "$@" >/dev/null 2>&1
}

set_sysctl() {
	echo "$2" >"/proc/sys/${1//.//}" || abort "cannot set $1 to $2"
}

# init_sysctl NAME VALUE: sets what only the initial namespace can set.
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
	in_ns $NS_PID ip link set lo up || abort "no lo in the second namespace"
}

has_own_ns() {
	local comm

	! [ "/proc/$1/ns/net" -ef /proc/self/ns/net ] &&
		read -r comm 2>/dev/null <"/proc/$1/comm" && [ "$comm" = sleep ]
}

# in_ns PID COMMAND...
in_ns() {
	local pid=$1

	shift
	nsenter --net="/proc/$pid/ns/net" "$@"
}

# check_in_ns WHAT PID FUNCTION: runs a function with checks in that namespace
check_in_ns() {
	check "$1" in_ns "$2" "$BASH" "$0" --inside "$3"
}

module_loaded() {
	[ -e "$TW_FILE" ]
}

# Skips the subtest if the module cannot be unloaded, or not be loaded again.
needs_modprobe() {
	[ -e /sys/module/tw_summary/initstate ] ||
		skip "tw_summary is built into this kernel"
	modprobe -n tw_summary 2>/dev/null ||
		skip "modprobe does not find tw_summary: it could not be loaded again"
}
