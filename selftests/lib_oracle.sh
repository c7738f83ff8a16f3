# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The table against what ss and /proc/net/tcp{,6} say. `tw_traffic expect`
# works out from either what every row and every sum must be.

expect_proc() {
	"$TOOL" expect
}

expect_ss() {
	ss -Htan | "$TOOL" expect --ss
}

# What the snapshot says, in the same form.
actual() {
	columns "$TW_COUNTS" | sort
	awk '
		BEGIN {
			n = split("sockets timewait fin_wait2 established other", \
				  want, " ")
		}
		!/^#/ { exit }
		{
			for (i = 3; i <= NF; i++) {
				split($i, pair, "=")
				value[pair[1]] = pair[2]
			}
		}
		END {
			for (i = 1; i <= n; i++)
				line = line (i > 1 ? " " : "") \
				       want[i] "=" value[want[i]]
			print line
		}' "$SNAP"
}

# check_against ORACLE...: every row and every sum. Sockets may end by
# themselves while we look, timers see to that: so a difference only counts
# when the oracle says the same before and after.
check_against() {
	local oracle got before after tries=20

	for oracle; do
		before=
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
	done
}

# /proc/net/tcp has no devices: only ss can judge device-bound sockets.
check_table() {
	check_against expect_proc expect_ss
}

# expect_row DIR LOCAL REMOTE "TW FW2 ESTAB OTHER"
expect_row() {
	check_eq "row $1 $2 $3 (tw fw2 estab other)" "$4" \
		"$(columns "$TW_KEY tw fw2 estab other" |
		   awk -v k="$1 $2 $3" '$1 " " $2 " " $3 == k { print $4, $5, $6, $7 }')"
}

# FIN_WAIT1, LAST_ACK, CLOSING: on the way to another state by the kernel's
# own hand. With none of them left, counts stay as they are.
settled() {
	! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk '$4 ~ /^(04|09|0B)$/ { found = 1 } END { exit !found }'
}

settle() {
	wait_for 30 settled || abort "connections do not settle"
}
