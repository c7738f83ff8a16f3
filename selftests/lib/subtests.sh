# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Runs the subtests of a program, each with a folder for its files. Only the process that does
# this sources it: reading it takes time, and a guest has many subtests.

# $TW_WRONG: how many connect() calls, of all namespaces, have found no port although a
# snapshot had said that there was one
tw_count_wrong() {
	read_walk
	TW_WRONG=${WALK[mispredicted]-0}
}

# Ends the processes that a subtest has left, whether it passed or failed.
tw_end_left() {
	local pid

	[ ! -f "$TW_TMP/pids" ] || while read -r pid; do
		kill -9 "$pid" 2>/dev/null
	done <"$TW_TMP/pids"
}

# tw_one NAME: runs this subtest in a process and a namespace of its own.
tw_one() {
	local name=$1 status wrong

	export TW_TMP=$TW_FILES/$((TAP_NUMBER + 1))-$name
	mkdir "$TW_TMP" || exit 1
	# A subtest may have ended while the module was not loaded.
	module_loaded || modprobe tw_summary
	if ! tw_set_knobs; then
		note "FAILED: the sysctls of the module cannot be set"
		tap_point "not ok" "$name"
		return 1
	fi
	tw_count_wrong
	wrong=$TW_WRONG
	"$TW_SELFTESTS/tw_netns" "${TW_TIMEOUT:-900}" \
		"$BASH" "$0" --inside "$name"
	status=$?
	tw_count_wrong
	wrong=$((TW_WRONG - wrong))
	if [ $status = 0 ] && [ $wrong -gt 0 ] && [ ! -e "$TW_TMP/promises_break" ]; then
		note "FAILED: $wrong connect() calls found no port although a" \
			"snapshot had said that there was one"
		status=1
	fi
	case $status in
	0) tap_point ok "$name" ;;
	4) tap_point ok "$name # SKIP $(cat "$TW_TMP/skip" 2>/dev/null)" ;;
	137)
		note "FAILED: killed after ${TW_TIMEOUT:-900} s"
		tap_point "not ok" "$name"
		;;
	*) tap_point "not ok" "$name" ;;
	esac
	tw_end_left
	return $status
}

# Each subtest starts with the settings of the initial namespace as they were, except
# that cache_ms is 0. When the program ends, all of them are as they were.
tw_keep_knobs() {
	local knob dir=/proc/sys/net/tw_summary

	TW_KNOBS=
	for knob in cache_ms max_rows; do
		TW_KNOBS="$TW_KNOBS $knob=$(cat $dir/$knob)" || exit 1
	done
	trap tw_leave EXIT
}

tw_restore_knobs() {
	local pair

	for pair in $TW_KNOBS; do
		echo "${pair#*=}" >"/proc/sys/net/tw_summary/${pair%=*}" ||
			return
	done 2>/dev/null
}

tw_set_knobs() {
	tw_restore_knobs && echo 0 >/proc/sys/net/tw_summary/cache_ms
}

tw_leave() {
	tw_restore_knobs
	rm -rf "$TW_FILES"
}

# In the first second after boot ktime_get_seconds() is 0, and the kernel takes a last
# timestamp at 0 for none (tcp_ipv4.c:tcp_twsk_unique()): connect() takes over no
# TIME_WAIT of then. A guest may be here as soon as that.
tw_wait_for_boot() {
	local uptime

	read -r uptime _ </proc/uptime
	[ "${uptime%.*}" -ge 2 ] || sleep_ms 2000
}

# tw_run_subtests NAME...: all that the program has; it runs those that its arguments name.
tw_run_subtests() {
	local name lacks skipped=0
	local all=("$@")

	set -- "${TW_ARGS[@]+"${TW_ARGS[@]}"}"
	[ $# -gt 0 ] || set -- "${all[@]}"
	for name; do
		case " ${all[*]} " in
		*" $name "*) ;;
		*)
			echo "$0: no subtest $name; there are: ${all[*]}" >&2
			exit 1
			;;
		esac
	done
	echo "TAP version 13"
	lacks=$(tw_lacks)
	if [ -n "$lacks" ]; then
		echo "1..0 # SKIP $lacks"
		exit 4
	fi
	echo "1..$#"
	exec 9</proc/self/ns/net
	TW_FILES=$(mktemp -d) || exit 1
	tw_wait_for_boot
	tw_keep_knobs
	for name; do
		tw_one "$name"
		[ $? != 4 ] || skipped=$((skipped + 1))
	done
	[ $TAP_FAILED = 0 ] || exit 1
	[ $skipped != $# ] || exit 4
	exit 0
}
