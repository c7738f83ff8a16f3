#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs test programs (all, or those named), as TAP. Loads the module if it can.
# usage: run_all.sh [PROGRAM[:SUBTEST[,SUBTEST...]]...]: one flat stream, every point named
#		"program: subtest"; PROGRAM without .sh
#	 run_all.sh --nested [PROGRAM...]: one point a program, what it says before it as
#		comments, as the kernel's run_kselftest.sh does it

set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=selftests/lib/tap.sh
. lib/tap.sh

nested=
[ "${1-}" != --nested ] || { nested=1; shift; }
if [ $# = 0 ]; then
	# The head of a test program says which kernels it is for.
	mapfile -t all < <(grep -l '^# kernels: ' *.sh)
	set -- "${all[@]%.sh}"
fi
if ! [ -e /proc/net/tw_summary ]; then
	modprobe tw_summary 2>/dev/null
fi
if ! [ -e /proc/net/tw_summary ]; then
	why="tw_summary is not loaded and modprobe cannot load it"
	# A guest of the harness was to have it.
	[ -z "${TW_GUEST-}" ] || { echo "Bail out! $why"; exit 1; }
	printf '%s\n' "TAP version 13" "1..0 # SKIP $why"
	exit 4
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

run_flat() {
	local spec total=0 began

	for spec; do
		split_spec "$spec"
		total=$((total + ${#subtests[@]}))
	done
	echo "1..$total"
	for spec; do
		split_spec "$spec"
		began=$SECONDS
		# Not in a pipe: it counts in this shell.
		tap_include "$program" ${#subtests[@]} \
			< <("./$program.sh" "${subtests[@]}" 2>&1)
		echo "# $program took $((SECONDS - began)) s"
	done
}

run_nested() {
	local program name status

	echo "1..$#"
	for program; do
		name="selftests: net/tw_summary: $program.sh"
		echo "# $name"
		"./$program.sh" 2>&1 | sed -u 's/^/# /'
		status=${PIPESTATUS[0]}
		case $status in
		0) tap_point ok "$name" ;;
		4) tap_point ok "$name # SKIP" ;;
		*) tap_point "not ok" "$name # exit=$status" ;;
		esac
	done
}

echo "TAP version 13"
if [ -n "$nested" ]; then
	run_nested "$@"
else
	run_flat "$@"
fi
[ "$TAP_FAILED" = 0 ]
