# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Writes TAP, joins the TAP of several programs, and counts points. The test programs and
# the harness source this.

TAP_NUMBER=0
TAP_FAILED=0

# tap_point VERDICT TEXT: VERDICT is "ok" or "not ok".
tap_point() {
	TAP_NUMBER=$((TAP_NUMBER + 1))
	[ "$1" = ok ] || TAP_FAILED=$((TAP_FAILED + 1))
	printf '%s %d - %s\n' "$1" "$TAP_NUMBER" "$2"
}

# tap_result STATUS NAME [FILE]: a point; FILE's lines explain a failure.
tap_result() {
	if [ "$1" = 0 ]; then
		tap_point ok "$2"
		return
	fi
	tap_point "not ok" "$2"
	[ -z "${3:-}" ] || head -n 40 "$3" | sed 's/^/# /'
}

# tap_include PREFIX WANT <TAP: the points of a program that has WANT of them, with
# our numbers and PREFIX before their names; those that do not come have failed. If it was
# skipped as a whole, so are they, but not in a guest of the harness, which runs there only
# what has all that it needs.
tap_include() {
	local prefix=$1 want=$2 line seen=0 verdict="not ok" why="ended early"

	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			seen=$((seen + 1))
			tap_point "${line%%ok *}ok" "$prefix: ${line#* - }"
			;;
		"1..0 # SKIP "*)
			why="cannot run here: ${line#1..0 # SKIP }"
			[ -n "${TW_GUEST-}" ] || { verdict=ok; why=${line#1..0 }; }
			;;
		"1.."* | "TAP version "*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
	while [ $seen -lt "$want" ]; do
		seen=$((seen + 1))
		tap_point "$verdict" "$prefix: $why"
	done
}

# tap_end: the plan, once everything is done; status 1 if a point failed.
tap_end() {
	printf '1..%d\n' "$TAP_NUMBER"
	[ "$TAP_FAILED" = 0 ]
}

# tap_count STATUS <OUTPUT: prints "passed failed skipped" for a program that wrote TAP
# and ended with STATUS. These count as failures too: points that were planned and did
# not come, a missing plan, and an error status that no point explains.
tap_count() {
	awk -v status="$1" '
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1 }
	/^(not )?ok( |$)/ {
		points++
		if ($0 ~ /# [Ss][Kk][Ii][Pp]/)
			skipped++
		else if ($1 == "not")
			failed++
		else
			passed++
	}
	/^Bail out!/ { bailed = 1 }
	END {
		if (!planned || bailed || plan == 0)
			failed++
		else if (points < plan)
			failed += plan - points
		else if (points > plan)
			failed++
		if (status != 0 && !failed)
			failed = 1
		print passed + 0, failed + 0, skipped + 0
	}'
}
