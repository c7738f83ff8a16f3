# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Compares close/s and next with the times that a program has written down before and after
# it closed each connection. So it does not matter how long anything takes.

# A tick or two of the kernel's coarser clock.
SLACK=30

timed_snapshot() {
	BEFORE=$("$TOOL" now)
	snapshot
	AFTER=$("$TOOL" now)
}

# expected_rate FILE...: "LOW HIGH", closes per second within rounding
expected_rate() {
	cat "$@" | awk -v before="$BEFORE" -v after="$AFTER" -v slack=$SLACK '
		{
			if ($1 - slack > after - 10000 && $2 + slack < before)
				sure++
			if ($2 + slack > before - 10000 && $1 - slack < after)
				perhaps++
		}
		END { printf "%.2f %.2f\n", sure / 10 - 0.11, perhaps / 10 + 0.051 }' |
		sed 's/^-[0-9.]*/0/'
}

# expected_next FILE...: "LOW HIGH", until the oldest TIME_WAIT is due
expected_next() {
	sort -n "$@" | awk -v before="$BEFORE" -v after="$AFTER" -v slack=$SLACK '
		function left(since, closed,   n) {
			n = (closed + 60000 - since) / 1000
			return n > 0 ? n : 0
		}
		NR == 1 {
			printf "%.3f %.3f\n", left(after, $1 - slack) - 0.11, \
				left(before, $2 + slack) + 0.051
		}' | sed 's/^-[0-9.]*/0/'
}

# check_row_times DIR LOCAL REMOTE FILE...
check_row_times() {
	local row="$1 $2 $3" rate next

	find_cells "$1" "$2" "$3" close/s next
	rate=${CELLS% *} next=${CELLS#* }
	shift 3
	# shellcheck disable=SC2046 # two numbers each
	check_range "close/s of $row" $(expected_rate "$@") "$rate"
	# shellcheck disable=SC2046
	check_range "next of $row" $(expected_next "$@") "$next"
}
