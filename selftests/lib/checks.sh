# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The checks of test programs, and running their subtests. Exit codes are those of
# kselftest: 0 passed, 1 failed, 4 skipped.

TW_CHECKS=0
TW_FAILED=0

note() {
	printf '# %s\n' "$*"
}

fail() {
	TW_CHECKS=$((TW_CHECKS + 1))
	TW_FAILED=$((TW_FAILED + 1))
	note "FAILED: $*"
}

# The subtest cannot go on.
abort() {
	fail "$*"
	exit 1
}

# A subtest that has failed already is not reported as skipped.
skip() {
	[ "$TW_FAILED" = 0 ] || exit 1
	note "SKIP $*"
	printf '%s\n' "$*" >"$TW_TMP/skip"
	exit 4
}

# check WHAT COMMAND...
check() {
	local what=$1

	shift
	TW_CHECKS=$((TW_CHECKS + 1))
	"$@" && return
	fail "$what"
	return 1
}

# check_eq WHAT EXPECTED ACTUAL
check_eq() {
	TW_CHECKS=$((TW_CHECKS + 1))
	[ "$2" = "$3" ] && return
	fail "$1: expected '$2', got '$3'"
	return 1
}

# check_range WHAT LOW HIGH ACTUAL: numbers, decimals too
check_range() {
	local low high

	TW_CHECKS=$((TW_CHECKS + 1))
	# With a bound that is no number the check could never fail.
	if ! thousandths "$2" || ! { low=$THOUSANDTHS; thousandths "$3"; }; then
		fail "$1: no bounds: '$2' to '$3'"
		return 1
	fi
	high=$THOUSANDTHS
	thousandths "$4" && [ "$THOUSANDTHS" -ge "$low" ] &&
		[ "$THOUSANDTHS" -le "$high" ] && return
	fail "$1: expected $2 to $3, got '$4'"
	return 1
}

# thousandths NUMBER: in $THOUSANDTHS; status 1 if it is no number
thousandths() {
	local whole=${1%%.*} part=000

	[[ $1 =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || return
	case $1 in *.*) part=${1#*.}000 ;; esac
	THOUSANDTHS=$((10#${whole#-} * 1000 + 10#${part:0:3}))
	case $1 in -*) THOUSANDTHS=-$THOUSANDTHS ;; esac
}

# check_text WHAT EXPECTED ACTUAL: compares lines and shows those that differ.
check_text() {
	TW_CHECKS=$((TW_CHECKS + 1))
	[ "$2" = "$3" ] && return
	fail "$1: lines differ (- expected, + got)"
	printf '%s\n' "$2" >"$TW_TMP/expected"
	printf '%s\n' "$3" | awk -v other="$TW_TMP/expected" '
		BEGIN {
			while ((getline line < other) > 0) {
				want[++n] = line
				in_want[line]++
			}
		}
		{ got[++m] = $0; in_got[$0]++ }
		END {
			for (i = 1; i <= n && shown < 15; i++)
				if (!(want[i] in in_got)) {
					print "#   - " want[i]
					shown++
				}
			for (i = 1; i <= m && shown < 30; i++)
				if (!(got[i] in in_want)) {
					print "#   + " got[i]
					shown++
				}
			if (!shown)
				print "#   the same lines in another order or number"
		}'
	return 1
}

# Ends the processes that a subtest has left, whether it passed or failed.
tw_cleanup() {
	local pid

	[ -f "$TW_TMP/pids" ] && while read -r pid; do
		kill -9 "$pid" 2>/dev/null
	done <"$TW_TMP/pids"
	rm -rf "$TW_TMP"
}

# Runs one subtest in its new namespace, where lo is up. The exit code is the result.
tw_run_inside() {
	"$1"
	check_all_wellformed
	if [ -e "$TW_TMP/misused" ]; then
		fail "the subtest asked for what no table has:" \
			"$(sort -u "$TW_TMP/misused" | tr '\n' ';')"
	fi
	if [ "$TW_CHECKS" = 0 ]; then
		note "FAILED: the subtest checked nothing"
		exit 1
	fi
	[ "$TW_FAILED" = 0 ]
	exit
}

# read_walk: what debugfs says the module costs, in $WALK; nothing without debugfs
declare -A WALK
read_walk() {
	local line lines=()

	WALK=()
	# At once: read goes back in the file, which is made anew then.
	[ ! -e /sys/kernel/debug/tw_summary/walk ] ||
		mapfile -t lines </sys/kernel/debug/tw_summary/walk
	for line in ${lines[@]+"${lines[@]}"}; do
		WALK[${line%% *}]=${line#* }
	done
}

# $TW_WRONG: how many connect() calls, of all namespaces, have found no port although a
# snapshot had said that there was one
tw_count_wrong() {
	read_walk
	TW_WRONG=${WALK[mispredicted]-0}
}

# The subtest makes the kernel break the module's promises.
tw_promises_break() {
	: >"$TW_TMP/promises_break"
}

tw_one() {
	local name=$1 status wrong

	TW_TMP=$(mktemp -d) || exit 1
	export TW_TMP
	# A subtest may have ended while the module was not loaded.
	module_loaded || modprobe tw_summary
	if ! tw_set_knobs; then
		note "FAILED: the sysctls of the module cannot be set"
		tap_point "not ok" "$name"
		tw_cleanup
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
	tw_cleanup
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
	trap tw_restore_knobs EXIT
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

# In the first second after boot ktime_get_seconds() is 0, and the kernel takes a last
# timestamp at 0 for none (tcp_ipv4.c:tcp_twsk_unique()): connect() takes over no
# TIME_WAIT of then. A guest may be here as soon as that.
tw_wait_for_boot() {
	local uptime

	read -r uptime _ </proc/uptime
	[ "${uptime%.*}" -ge 2 ] || sleep_ms 2000
}

tw_main() {
	local name lacks skipped=0
	local all=("$@")

	set -- "${TW_ARGS[@]+"${TW_ARGS[@]}"}"
	case ${1-} in
	--list)
		printf '%s\n' "${all[@]}"
		exit 0
		;;
	--inside)
		tw_run_inside "$2"
		;;
	esac
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
