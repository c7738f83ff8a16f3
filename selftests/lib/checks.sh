# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What a subtest checks, and how it ends: with the exit codes of kselftest, 0 passed, 1 failed,
# 4 skipped.

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

# The subtest makes the kernel break the module's promises.
tw_promises_break() {
	: >"$TW_TMP/promises_break"
}
