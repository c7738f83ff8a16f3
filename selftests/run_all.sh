#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs test programs (all, or those named) and prints one flat TAP stream,
# every point named "program: subtest". Loads the module if it can.
# usage: run_all.sh [PROGRAM[:SUBTEST[,SUBTEST...]]...], PROGRAM without .sh

set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=selftests/lib/tap.sh
. lib/tap.sh

if [ $# = 0 ]; then
	# The head of a test program says which kernels it is for.
	mapfile -t all < <(grep -l '^# kernels: ' *.sh)
	set -- "${all[@]%.sh}"
fi
if ! [ -e /proc/net/tw_summary ]; then
	modprobe tw_summary 2>/dev/null
fi
if ! [ -e /proc/net/tw_summary ]; then
	echo "Bail out! tw_summary is not loaded and modprobe cannot load it"
	exit 1
fi

# What each program lists, which takes it longer than it seems
declare -A lists

# split_spec PROGRAM[:SUBTESTS]: into $program and ${subtests[@]}, all if none
# are named
split_spec() {
	program=${1%%:*}
	case $1 in
	*:*) IFS=, read -r -a subtests <<<"${1#*:}" ;;
	*)
		[ -n "${lists[$program]-}" ] || lists[$program]=$("./$program.sh" --list | xargs)
		read -r -a subtests <<<"${lists[$program]}" ;;
	esac
	[ ${#subtests[@]} -gt 0 ] || {
		echo "Bail out! $program has no subtests"
		exit 1
	}
}

# In the first second after boot ktime_get_seconds() is 0, and the kernel takes a last
# timestamp at 0 for none (tcp_ipv4.c:tcp_twsk_unique()): connect() takes over no
# TIME_WAIT of then. A guest may be here as soon as that.
read -r uptime _ </proc/uptime
[ "${uptime%.*}" -ge 2 ] || sleep 2

total=0
for spec; do
	split_spec "$spec"
	total=$((total + ${#subtests[@]}))
done
echo "TAP version 13"
echo "1..$total"

for spec; do
	split_spec "$spec"
	began=$SECONDS
	# Not in a pipe: it counts in this shell.
	tap_include "$program" ${#subtests[@]} \
		< <("./$program.sh" "${subtests[@]}" 2>&1)
	echo "# $program took $((SECONDS - began)) s"
done
[ "$TAP_FAILED" = 0 ]
