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
	for key in sockets timewait fin_wait2 established syn_sent close_wait other; do
		line+="${line:+ }$key=${TW_HEAD[$key]-}"
	done
	printf '%s\n' "$line"
}

# check_by BEFORE AFTER: compares every row and every sum with what one oracle says
# before the snapshot and the other one after it. Timers may end sockets meanwhile: then
# the oracles differ, and it tries again.
check_by() {
	local got before after tries=20

	while :; do
		before=$("$1")
		snapshot
		got=$(actual)
		after=$("$2")
		[ "$before" != "$after" ] || break
		[ $((tries -= 1)) -gt 0 ] ||
			abort "the sockets never stand still for $1 and $2"
	done
	check_text "rows and sums by $1 and $2" "$after" "$got"
}

# /proc/net/tcp has no devices: only ss can judge device-bound sockets.
check_table() {
	check_by expect_ss expect_proc
}

# expect_row DIR LOCAL REMOTE COLUMN=N...: the other columns of states are 0.
expect_row() {
	local row=("${@:1:3}") want=" $TW_STATES " column pair

	shift 3
	for pair; do
		want=${want/" ${pair%%=*} "/" ${pair#*=} "}
	done
	for column in $TW_STATES; do
		want=${want/" $column "/" 0 "}
	done
	want=${want# }
	# shellcheck disable=SC2086 # blanks separate the columns
	find_cells "${row[@]}" $TW_STATES
	check_eq "row ${row[*]} ($TW_STATES)" "${want% }" "$CELLS"
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
