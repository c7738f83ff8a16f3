#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The thresholds: net.tw_summary.* and /proc/net/tw_thresholds.
#
# kernels: newest
# on all kernels: whole_write_or_nothing
# debug: whole_write_or_nothing,most_specific_wins
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/rules.sh"

KNOBS=/proc/sys/net/tw_summary

# The next read of the same open file says which line was wrong and why, before the
# rules. Other open files say nothing, nor does this one after a write that was taken.
reason_is_read_back() {
	local fd

	set_rules "10.9.9.9 warn=1 crit=2"
	exec {fd}<>$TW_RULES
	printf '%s\n' "10.9.1.1 warn=1 crit=2" "10.9.1.1:99999 warn=1 crit=2" \
		>"$TW_TMP/rules"
	dd if="$TW_TMP/rules" bs=1M 1>&"$fd" 2>"$TW_TMP/dd" && fail "it was taken"
	failed_with_einval "a bad second line"
	check_text "the open file" "# error 2: port is not 1 to 65535
10.9.9.9/32 warn=1 crit=2" "$(cat <&"$fd")"
	check_text "another one" "10.9.9.9/32 warn=1 crit=2" "$(rules)"
	exec {fd}<&-
	exec {fd}<>$TW_RULES
	(echo nonsense 1>&"$fd") 2>/dev/null && fail "nonsense is taken"
	(echo flush 1>&"$fd") || fail "flush is refused"
	exec {fd}<>$TW_RULES
	check_eq "after a write that was taken" "" "$(cat <&"$fd")"
	printf 'flush\n10.9.1.1 warn=1\0crit=2\n' >"$TW_TMP/rules"
	dd if="$TW_TMP/rules" bs=1M 1>&"$fd" 2>"$TW_TMP/dd" && fail "it was taken"
	check_eq "a zero byte" "# error 2: a byte is zero" "$(cat <&"$fd")"
	exec {fd}<&-
}

# --- sysctls ---

defaults() {
	local pair

	for pair in warn_percent=80 crit_percent=95 hysteresis_percent=5 \
		monitor_interval_ms=0; do
		check_eq "${pair%=*} of a new namespace" "${pair#*=}" \
			"$(cat $KNOBS/"${pair%=*}")"
	done
	check_eq "rules of a new namespace" "" "$(rules)"
}

# takes KNOB VALUE, refuses KNOB VALUE
takes() {
	(echo "$2" >$KNOBS/"$1") 2>/dev/null || fail "$1=$2 is refused"
	check_eq "$1" "$2" "$(cat $KNOBS/"$1")"
}

refuses() {
	local before

	before=$(cat $KNOBS/"$1")
	if LC_ALL=C sysctl -w "net.tw_summary.$1=$2" >/dev/null \
		2>"$TW_TMP/why" && ! [ -s "$TW_TMP/why" ]; then
		fail "$1=$2 is taken"
	else
		check "$1=$2 fails with EINVAL: $(<"$TW_TMP/why")" \
			grep -qi "invalid" "$TW_TMP/why"
	fi
	check_eq "$1 after $2 was refused" "$before" "$(cat $KNOBS/"$1")"
}

bounds() {
	local value

	for value in 1 80 95; do
		takes warn_percent $value
	done
	for value in 0 96 101 -1 x; do
		refuses warn_percent $value
	done
	for value in 95 100; do
		takes crit_percent $value
	done
	for value in 0 94 101 -1 x; do
		refuses crit_percent $value
	done
	takes warn_percent 1
	takes crit_percent 1
	takes crit_percent 100
	takes warn_percent 100
	for value in 0 5 100; do
		takes hysteresis_percent $value
	done
	for value in 101 -1; do
		refuses hysteresis_percent $value
	done
	for value in 1000 3600000 0; do
		takes monitor_interval_ms $value
	done
	for value in 1 99 3600001 -1; do
		refuses monitor_interval_ms $value
	done
}

monitor_floor() {
	keep_init_sysctl monitor_floor_ms
	init_sysctl monitor_floor_ms 500
	check_eq "the floor as seen here" 500 "$(<$KNOBS/monitor_floor_ms)"
	takes monitor_interval_ms 500
	takes monitor_interval_ms 0
	refuses monitor_interval_ms 499
	init_sysctl monitor_floor_ms 100
	takes monitor_interval_ms 100
	takes monitor_interval_ms 0
}

# The floor is for others, not for the initial namespace.
initial_namespace_has_no_floor() {
	keep_init_sysctl monitor_floor_ms
	init_sysctl monitor_floor_ms 2000
	keep_init_sysctl monitor_interval_ms
	init_sysctl monitor_interval_ms 100
	check_eq "its interval" 100 "$(nsenter --net=/proc/self/fd/9 \
		cat $KNOBS/monitor_interval_ms)"
	check "monitor_floor_ms below 100" init_refuses monitor_floor_ms 99
}

init_refuses() {
	! nsenter --net=/proc/self/fd/9 "$BASH" -c \
		"echo $2 >$KNOBS/$1" 2>"$TW_TMP/why" &&
		grep -q "Invalid argument" "$TW_TMP/why"
}

each_namespace_its_own() {
	new_ns
	takes warn_percent 42
	set_rules "10.9.1.1 warn=1 crit=2"
	check_eq "warn_percent elsewhere" 80 \
		"$(in_ns "$NS_PID" cat $KNOBS/warn_percent)"
	check_eq "rules elsewhere" "" "$(<"/proc/$NS_PID/net/tw_thresholds")"
	check_eq "rules here" 1 "$(rules | wc -l)"
}

# --- the language ---

# reads_back LINE RULE: what is listed after the line was written
reads_back() {
	set_rules flush "$1"
	check_eq "'$1' is listed as" "$2" "$(rules)"
}

language() {
	local t="warn=70 crit=90"

	reads_back "10.9.1.1:443 $t" "10.9.1.1/32:443 $t"
	reads_back "10.9.1.1 $t" "10.9.1.1/32 $t"
	reads_back "10.9.1.1/24 $t" "10.9.1.0/24 $t"
	reads_back "10.9.1.1/9:1 $t" "10.0.0.0/9:1 $t"
	reads_back "0.0.0.0/0:65535 $t" "0.0.0.0/0:65535 $t"
	reads_back "255.255.255.255 $t" "255.255.255.255/32 $t"
	reads_back "2001:db8::1 $t" "2001:db8::1/128 $t"
	reads_back "2001:DB8:0:0::/33 $t" "2001:db8::/33 $t"
	reads_back "[2001:db8::1] $t" "2001:db8::1/128 $t"
	reads_back "[2001:db8::1]:443 $t" "[2001:db8::1/128]:443 $t"
	reads_back "[2001:db8:ffff::/33]:443 $t" "[2001:db8:8000::/33]:443 $t"
	reads_back "::/0 $t" "::/0 $t"
	reads_back "10.9.1.1 crit=90 warn=70" "10.9.1.1/32 $t"
	reads_back "	 10.9.1.1  warn=70	crit=90  " "10.9.1.1/32 $t"
	reads_back "10.9.1.1 warn=1 crit=1" "10.9.1.1/32 warn=1 crit=1"
	reads_back "10.9.1.1 warn=100 crit=100" "10.9.1.1/32 warn=100 crit=100"
	reads_back "" ""
}

# A list of rules can be written again, in any order.
round_trip() {
	local listed

	set_rules "::/0 warn=1 crit=2" "10.0.0.0/8 warn=3 crit=4" \
		"10.9.1.1 warn=5 crit=6" "[2001:db8::/32]:53 warn=7 crit=8" \
		"10.0.0.0/8:443 warn=9 crit=10"
	listed=$(rules)
	check_eq "with a port first, then the longest prefix" \
		"10.0.0.0/8:443 [2001:db8::/32]:53 10.9.1.1/32 10.0.0.0/8 ::/0" \
		"$(awk '{ printf "%s%s", n++ ? " " : "", $1 }' <<<"$listed")"
	set_rules flush
	check_eq "rules after flush" "" "$(rules)"
	printf '%s\n' "$listed" | write_rules || fail "its own list is refused"
	check_text "written again" "$listed" "$(rules)"
}

replace_and_delete() {
	set_rules "10.9.1.1:443 warn=1 crit=2" "10.9.1.2 warn=1 crit=2"
	set_rules "10.9.1.1/32:443 warn=3 crit=4"
	check_text "one rule for one destination" \
		"10.9.1.1/32:443 warn=3 crit=4
10.9.1.2/32 warn=1 crit=2" "$(rules)"
	set_rules "del 10.9.1.1:443"
	check_eq "after del" "10.9.1.2/32 warn=1 crit=2" "$(rules)"
	check_refused "del 10.9.1.1:443"
	check_refused "del 10.9.1.2/31"
	# An empty last line, or none at its end, is the same.
	printf 'del 10.9.1.2' | write_rules || fail "no newline at the end"
	check_eq "after both were deleted" "" "$(rules)"
}

bad_lines() {
	local line t="warn=1 crit=2"

	set_rules "10.9.9.9 warn=1 crit=2"
	while read -r line; do
		check_refused "$line"
	done <<-END
		10.9.1.1
		10.9.1.1 warn=1
		10.9.1.1 crit=2
		10.9.1.1 warn=1 warn=2
		10.9.1.1 warn=2 crit=1
		10.9.1.1 warn=0 crit=1
		10.9.1.1 warn=1 crit=101
		10.9.1.1 warn=-1 crit=2
		10.9.1.1 warn=1 crit=2%
		10.9.1.1 warn=1 crit=2 more
		10.9.1.1 warn= crit=2
		10.9.1.1 Warn=1 crit=2
		10.9.1.1, $t
		10.9.1 $t
		10.9.1.256 $t
		10.9.1.1.1 $t
		10.9.1.1/33 $t
		10.9.1.1/ $t
		10.9.1.1/-1 $t
		10.9.1.1: $t
		10.9.1.1:0 $t
		10.9.1.1:65536 $t
		10.9.1.1:443/24 $t
		:443 $t
		2001:db8::1/129 $t
		2001:db8::g $t
		[2001:db8::1 $t
		[2001:db8::1]443 $t
		[2001:db8::1]: $t
		[10.9.1.1]:443 $t
		2001::db8::1 $t
		localhost $t
		$t
		del
		del 10.9.9.9 $t
		flush 10.9.9.9
		add 10.9.1.1 $t
	END
	check_refused "10.9.1.1 $t$(printf '%130s' '')"
	printf '10.9.1.1 warn=1\0crit=2\n' | write_rules && fail "a zero byte"
	failed_with_einval "a zero byte"
	check_eq "the rules at last" "10.9.9.9/32 warn=1 crit=2" "$(rules)"
}

whole_write_or_nothing() {
	set_rules "10.9.9.9 warn=1 crit=2"
	check_refused flush "10.9.1.1 warn=3 crit=4" "10.9.1.2 warn=4 crit=3"
	check_refused "10.9.1.1 warn=3 crit=4" "del 10.9.1.2"
	set_rules "10.9.1.1 warn=3 crit=4" "del 10.9.1.1" "del 10.9.9.9"
	check_eq "a write may undo its own lines" "" "$(rules)"
}

# The last write_rules.
failed_with_einval() {
	check "$1 does not fail with EINVAL: $(<"$TW_TMP/dd")" \
		grep -q "Invalid argument" "$TW_TMP/dd"
}

many() {
	seq "$@" | sed 's/.*/10.9.1.1:& warn=1 crit=2/'
}

limit_of_256() {
	many 1 256 | write_rules || fail "256 rules are refused"
	check_eq "rules" 256 "$(rules | wc -l)"
	check_refused "10.9.1.1:257 warn=1 crit=2"
	set_rules "10.9.1.1:256 warn=7 crit=8"
	check_eq "a changed one among 256" 1 "$(rules | grep -c warn=7)"
	set_rules "del 10.9.1.1:1" "10.9.1.1:257 warn=1 crit=2"
	check_eq "rules" 256 "$(rules | wc -l)"
	set_rules flush
	many 1 257 | write_rules && fail "257 rules are taken"
	failed_with_einval "257 rules"
	check_eq "rules after too many in one write" "" "$(rules)"
	head -c 100000 /dev/zero | tr '\0' '\n' | write_rules &&
		fail "a write of 100,000 bytes is taken"
	failed_with_einval "a write that is too long"
}

# --- which of them wins: 3 of 60 ports are 5% ---

levels_are() {
	snapshot
	check_eq "levels of $R:443 $R:80 $S:443 $S:80 with $(rules | wc -l) rules" \
		"$*" "$(for remote in $R:443 $R:80 $S:443 $S:80; do
			cell out $A $remote level
		done | awk '{ printf "%s%s", n++ ? " " : "", $1 }')"
}

most_specific_wins() {
	local remote

	small_net
	for remote in $R:443 $R:80 $S:443 $S:80; do
		serve "${remote%:*}" "${remote#*:}"
		dialer $A $remote $remote
		dial 3 $remote
	done
	levels_are ok ok ok ok
	set_rules "10.9.1.0/24 warn=5 crit=100"
	levels_are warn warn warn warn
	set_rules "$R warn=1 crit=5"
	levels_are crit crit warn warn
	set_rules "0.0.0.0/0:443 warn=6 crit=100"
	levels_are ok crit ok warn
	set_rules "$R:443 warn=5 crit=6"
	levels_are warn crit ok warn
	# Rules for IPv6 do not count for IPv4, not even with a short prefix.
	set_rules "[::/0]:80 warn=1 crit=1" "::/0 warn=1 crit=1"
	levels_are warn crit ok warn
	set_rules "del $R:443"
	levels_are ok crit ok warn
	set_rules "del $R"
	levels_are ok warn ok warn
	set_rules flush
	levels_are ok ok ok ok
	set_sysctl net.tw_summary.warn_percent 5
	levels_are warn warn warn warn
	set_sysctl net.tw_summary.warn_percent 1
	set_sysctl net.tw_summary.crit_percent 5
	levels_are crit crit crit crit
	check_eq "level of the header" crit "${TW_HEAD[level]-}"
}

most_specific_wins_ipv6() {
	use_range $LOW $HIGH
	add_addr $A6 $R6
	serve $R6 443
	dialer $A6 "[$R6]:443"
	dial 3
	set_rules "0.0.0.0/0 warn=1 crit=1" "0.0.0.0/0:443 warn=1 crit=1"
	snapshot
	check_cell "IPv4's rules" ok out $A6 "[$R6]:443" level
	set_rules "fd09::/16 warn=5 crit=100"
	snapshot
	check_cell "a prefix" warn out $A6 "[$R6]:443" level
	set_rules "[$R6]:443 warn=1 crit=5"
	snapshot
	check_cell "the address and port" crit out $A6 "[$R6]:443" level
}

tw_main reason_is_read_back defaults bounds monitor_floor \
	initial_namespace_has_no_floor each_namespace_its_own language \
	round_trip replace_and_delete bad_lines whole_write_or_nothing \
	limit_of_256 most_specific_wins most_specific_wins_ipv6
