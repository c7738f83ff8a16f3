# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Compares the table with ss and /proc/net/tcp{,6}. `tw_traffic expect` computes every
# row and every sum from the output of either.

expect_proc() {
	"$TOOL" expect
}

expect_ss() {
	ss -Htan | "$TOOL" expect --ss
}

# What the snapshot says, in the same form.
actual() {
	local key line=

	columns "$TW_COUNTS" | sort
	for key in sockets timewait fin_wait2 established other; do
		line+="${line:+ }$key=${TW_HEAD[$key]-}"
	done
	printf '%s\n' "$line"
}

# check_against ORACLE...: compares every row and every sum. Timers may end sockets
# meanwhile. So a difference counts only if the oracle says the same before and after.
# The last answer of one oracle is the "before" of the next, because they say the same
# and take long.
check_against() {
	local oracle got before after tries=20

	before=$("$1")
	for oracle; do
		while :; do
			snapshot
			got=$(actual)
			after=$("$oracle")
			[ "$got" != "$after" ] || break
			[ "$before" != "$after" ] || break
			before=$after
			[ $((tries -= 1)) -gt 0 ] ||
				abort "the sockets never stand still"
		done
		check_text "rows and sums by $oracle" "$after" "$got"
		before=$after
	done
}

# /proc/net/tcp has no devices: only ss can judge device-bound sockets.
check_table() {
	check_against expect_proc expect_ss
}

# expect_row DIR LOCAL REMOTE "TW FW2 ESTAB OTHER"
expect_row() {
	find_cells "$1" "$2" "$3" tw fw2 estab other
	check_eq "row $1 $2 $3 (tw fw2 estab other)" "$4" "$CELLS"
}

# The kernel takes a socket in FIN_WAIT1, LAST_ACK or CLOSING to another state by
# itself. When there is none of these any more, the counts stay as they are.
settled() {
	local files=(/proc/net/tcp)

	[ ! -e /proc/net/tcp6 ] || files+=(/proc/net/tcp6)
	! awk '$4 ~ /^(04|09|0B)$/ { found = 1; exit } END { exit !found }' \
		"${files[@]}"
}

settle() {
	wait_for 30 settled || abort "connections do not settle"
}
