#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs test programs (all, or those named) and prints one flat TAP stream,
# every point named "program: subtest". Loads the module if it can.
# usage: run_all.sh [PROGRAM[:SUBTEST[,SUBTEST...]]...], PROGRAM as in tests/

set -uo pipefail
cd "$(dirname "$0")/tests" || exit 1

if [ $# = 0 ]; then
	set -- *.sh
	set -- "${@%.sh}"
fi
if ! [ -e /proc/net/tw_summary ]; then
	modprobe tw_summary 2>/dev/null
fi
if ! [ -e /proc/net/tw_summary ]; then
	echo "Bail out! tw_summary is not loaded and modprobe cannot load it"
	exit 1
fi

# split_spec PROGRAM[:SUBTESTS]: into $program and ${subtests[@]}, all if none
# are named
split_spec() {
	program=${1%%:*}
	case $1 in
	*:*) IFS=, read -r -a subtests <<<"${1#*:}" ;;
	*) mapfile -t subtests < <("./$program.sh" --list) ;;
	esac
	[ ${#subtests[@]} -gt 0 ] || {
		echo "Bail out! $program has no subtests"
		exit 1
	}
}

total=0
for spec; do
	split_spec "$spec"
	total=$((total + ${#subtests[@]}))
done
echo "TAP version 13"
echo "1..$total"

number=0
failed=0
for spec; do
	split_spec "$spec"
	# A program that ends before all its points are told is a failure too.
	want=${#subtests[@]}
	seen=0
	began=$SECONDS
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			number=$((number + 1))
			seen=$((seen + 1))
			verdict=${line%%ok *}ok
			case $verdict in not*) failed=$((failed + 1)) ;; esac
			echo "$verdict $number - $program: ${line#* - }"
			;;
		"1.."*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <("./$program.sh" "${subtests[@]}" 2>&1)
	while [ "$seen" -lt "$want" ]; do
		number=$((number + 1))
		seen=$((seen + 1))
		failed=$((failed + 1))
		echo "not ok $number - $program: ended early"
	done
	echo "# $program took $((SECONDS - began)) s"
done
[ "$failed" = 0 ]
