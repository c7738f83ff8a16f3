# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What must be true if there are more destinations than rows.

# Every row that is shown is exact. Every row with more than sockets/max_rows sockets is
# shown. hidden_sockets is exact. hidden_min is a lower bound that is not far too low.
# check_overflow MAX_ROWS [FILE]: FILE if the table has been read already
check_overflow() {
	local max=$1 wrong

	settle
	expect_proc >"$TW_TMP/expected"
	snapshot "${2:-$TW_FILE}"
	columns "$TW_COUNTS" >"$TW_TMP/shown"
	check_eq "the sums" "$(tail -n 1 "$TW_TMP/expected")" \
		"$(actual | tail -n 1)"
	TW_CHECKS=$((TW_CHECKS + 1))
	wrong=$(awk -v max="$max" -v least="${TW_HEAD[hidden_min]-}" \
		-v hidden_sockets="${TW_HEAD[hidden_sockets]-}" '
		FILENAME == ARGV[1] {
			if ($1 ~ /^sockets=/)
				next
			key = $1 " " $2 " " $3
			want[key] = $0
			n[key] = $5 + $6 + $7 + $8
			all += n[key]
			rows++
			next
		}
		{
			key = $1 " " $2 " " $3
			shown++
			sum += n[key]
			if (!(key in want))
				print "no such row: " $0
			else if (want[key] != $0)
				print "shown " $0 ", expected " want[key]
			delete want[key]
		}
		END {
			if (shown > max)
				print shown " rows shown, max_rows is " max
			for (key in want)
				if (n[key] * max > all)
					print "not shown: " want[key] \
					      " of " all " sockets"
			if (hidden_sockets != all - sum)
				print "hidden_sockets " hidden_sockets \
				      ", expected " all - sum
			if (least !~ /^[0-9]+$/ || least > rows - shown ||
			    least < 0.9 * (rows - shown) - 1)
				print "hidden_min " least ", but " \
				      rows - shown " are"
		}' "$TW_TMP/expected" "$TW_TMP/shown" | head -n 8) ||
		wrong="awk failed: $wrong"
	[ -z "$wrong" ] && return
	fail "overflow: $wrong"
	return 1
}

# crowd N COUNT: N destinations with COUNT TIME_WAITs each
crowd() {
	traffic pairs --from 10.9.0.1 --to 10.77.0.1:443 --count "$2" \
		--destinations "$1"
}

crowd_addresses() {
	add_addr 10.9.0.1 10.9.1.1
	ip route add local 10.77.0.0/16 dev lo || abort "no route for a crowd"
}
