#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The files in debugfs agree with /proc and with each other.
#
# kernels: rules
# debug: all_outlives_a_namespace
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/free.sh"
. "$TW_LIB/watch.sh"

FILES="all ages ports walk ehash"

mixed_net() {
	needs_debugfs
	small_net
	# Both ends in one process: the TIME_WAITs are as many, whatever the
	# processors do.
	traffic pairs --from $A --to $R:443 --count 20
	serve $R 443
	dialer $A $R:443
	dial 5
	traffic_bg pairs --from $A --to $S:80 --count 3 --keep 2
	settle
}

modes() {
	local file

	needs_debugfs
	check_eq "the files" "$(printf '%s\n' $FILES | sort)" \
		"$(cd $TW_DEBUG && printf '%s\n' * | sort)"
	for file in $FILES; do
		check_eq "mode and owner of $file" "444 0 0" \
			"$(stat -c '%a %u %g' $TW_DEBUG/$file)"
		check "$file read by user 1000" no_access $file
		check "$file written by root" not_written $file
		check "$file is empty" [ -n "$(<$TW_DEBUG/$file)" ]
	done
}

no_access() {
	! "$TOOL" run --uid 1000 cat "$TW_DEBUG/$1" >/dev/null 2>"$TW_TMP/why" &&
		grep -q '^cat: .*Permission denied' "$TW_TMP/why"
}

not_written() {
	! (echo x >"$TW_DEBUG/$1") 2>/dev/null
}

# Rows of a namespace in `all`, with what does not change by itself.
steady() {
	awk -v ns="$1" '
		$1 == "netns" {
			for (i = 1; i <= NF; i++)
				name[i] = $i
			next
		}
		ns != "" && $1 != ns { next }
		{
			line = ""
			for (i = 2; i <= NF; i++)
				if (name[i] !~ /^(next|eta|close\/s)$/)
					line = line name[i] "=" $i " "
			print line
		}'
}

proc_steady() {
	awk '/^#/ { next } $1 == "dir" { print "netns", $0; next }
	     { print 1, $0 }' "$1" | steady 1
}

same_rows() {
	snapshot "$1"
	cat $TW_DEBUG/all >"$TW_TMP/all"
	WANT=$(proc_steady "$SNAP")
	GOT=$(steady "${TW_HEAD[netns]-}" <"$TW_TMP/all")
	[ "$GOT" = "$WANT" ]
}

all_is_every_namespace() {
	mixed_net
	new_ns
	in_ns "$NS_PID" ip link set lo up
	NS_TRAFFIC=$(in_ns "$NS_PID" "$TOOL" pairs --to 127.0.0.1:5555 \
		--count 4 --background --keep 1) || abort "tw_traffic"
	remember_pid "$NS_TRAFFIC"
	wait_for 20 same_rows $TW_FILE
	check_text "our rows" "$WANT" "$GOT"
	check_eq "there are rows" 4 "$(wc -l <<<"$WANT")"
	wait_for 20 same_rows "/proc/$NS_PID/net/tw_summary"
	check_text "rows of the second namespace" "$WANT" "$GOT"
	check "the second namespace has none" [ -n "$WANT" ]
	check_eq "columns" "netns $(awk '$1 == "dir" { $1 = $1; print }' \
		$TW_FILE)" "$(awk 'NR == 1 { $1 = $1; print }' "$TW_TMP/all")"
}

listed() {
	grep -q "$1" $TW_DEBUG/ports
}

not_listed() {
	! listed "$1"
}

# The open file has rows of a namespace that has ended.
all_outlives_a_namespace() {
	local fd ns

	needs_debugfs
	new_ns
	ns=$(readlink "/proc/$NS_PID/ns/net")
	ns=${ns//[!0-9]/}
	in_ns "$NS_PID" "$TOOL" pairs --to 127.0.0.1:5555 --count 4 ||
		abort "tw_traffic"
	check "the namespace is listed" listed "$ns"
	exec {fd}<$TW_DEBUG/all
	end_pid "$NS_PID"
	wait_for 60 not_listed "$ns" || abort "the namespace does not end"
	sleep_ms 500
	check "its rows are there" grep -q "^$ns " <&"$fd"
	exec {fd}<&-
}

ages_add_up() {
	local wrong

	mixed_net
	cat $TW_DEBUG/ages >"$TW_TMP/ages"
	wrong=$(awk '
		NR == 1 {
			for (i = 1; i <= NF; i++)
				at[$i] = i
			next
		}
		{
			n = split($NF, bin, ",")
			sum = 0
			for (i = 1; i <= n; i++)
				sum += bin[i]
			if (n != 60)
				print n " bins: " $0
			if (sum != $(at["tw"]) || sum != $(at["in_60s"]))
				print "bins sum to " sum ": " $0
			m = split("1 5 15 30 60", s, " ")
			for (j = 1; j <= m; j++) {
				due = 0
				for (i = 61 - s[j]; i <= 60; i++)
					due += bin[i]
				name = sprintf("in_%02ds", s[j])
				if (due != $(at[name]))
					print name " is not " due ": " $0
			}
		}' "$TW_TMP/ages") || wrong="awk failed: $wrong"
	check_eq "what is wrong in ages" "" "$wrong"
	# The youngest second comes first.
	check_text "our rows: TIME_WAITs, those due in 60 s, in 30 s" "20 20 0
3 3 0" "$(awk -v ns="$(own_netns)" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == ns { print $(at["tw"]), $(at["in_60s"]), $(at["in_30s"]) }
		' "$TW_TMP/ages")"
	check_text "TIME_WAITs of our rows" "$A $R:443 20
$A $S:80 3" "$(awk -v ns="$(own_netns)" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$1 == ns { print $(at["local"]), $(at["remote"]), $(at["tw"]) }
		' "$TW_TMP/ages")"
}

# port_key KEY: of our namespace's line of `ports`
port_key() {
	awk -v ns="netns=$(own_netns)" -v key="$1" '
		/^#/ && index($0, " " ns " ") && index($0, " l3mdev=0 ") {
			for (i = 3; i <= NF; i++)
				if (index($i, key "=") == 1)
					print substr($i, length(key) + 2)
		}' "$TW_TMP/ports"
}

ports_say_why() {
	local key

	mixed_net
	echo 40010-40014,40020 >/proc/sys/net/ipv4/ip_local_reserved_ports ||
		abort "cannot reserve ports"
	traffic_bg hold bind --from $B:40030 --count 3
	snapshot
	cat $TW_DEBUG/ports >"$TW_TMP/ports"
	for key in range tried reserved bound usable; do
		check_eq "$key as in the header" "$(header $key)" \
			"$(port_key $key)"
	done
	check_eq "usable" 51 "$(port_key usable)"
	check_text "the ports and why" "reserved 40010-40014
reserved 40020-40020
bound 40030-40032" "$(awk -v ns="$(own_netns)" \
		'$1 == ns && $2 == 0 { print $3, $4 }' "$TW_TMP/ports")"
	check_eq "usable of both parities" 51 $(($(port_key \
		first_parity_usable) + $(port_key second_parity_usable)))
	# Even ports: 30, less 40010, 12, 14, 20, 30 and 32.
	check_eq "usable even ports" 24 "$(port_key first_parity_usable)"
	check_eq "usable odd ports" 27 "$(port_key second_parity_usable)"
}

# Ports with a socket, by parity: connect() takes one parity first.
ports_held() {
	local before

	mixed_net
	before=$(ss -Htan | awk -v low=$LOW -v high=$HIGH '{
			n = split($4, part, ":")
			port = part[n]
			if (port >= low && port <= high && !seen[port]++)
				held[port % 2]++
		}
		END { print held[0] + 0, held[1] + 0 }')
	cat $TW_DEBUG/ports >"$TW_TMP/ports"
	check_eq "held even and odd ports, as ss sees them" "$before" \
		"$(port_key first_parity_held) $(port_key second_parity_held)"
}

walk_counts() {
	local walks hits counted=no

	mixed_net
	walks=$(walk_value walks)
	hits=$(walk_value cache_hits)
	snapshot
	snapshot
	check_eq "walks of two reads without a cache" 2 \
		$(($(walk_value walks) - walks))
	check_eq "cache hits" "$hits" "$(walk_value cache_hits)"
	# Longer than this can take.
	init_sysctl cache_ms 3600000
	snapshot
	snapshot
	snapshot
	init_sysctl cache_ms 0
	check_eq "all reads" 5 $(($(walk_value walks) - walks + \
		$(walk_value cache_hits) - hits))
	check_range "cache hits of three reads" 2 3 \
		$(($(walk_value cache_hits) - hits))
	check_range "mean of a walk" "$(walk_value walk_ns_min)" \
		"$(walk_value walk_ns_max)" "$(walk_value walk_ns_mean)"
	check "walk_ns_min is 0" [ "$(walk_value walk_ns_min)" -gt 0 ]
	check "bytes_held has no snapshot" \
		[ "$(walk_value bytes_held)" -gt "$(walk_value bytes_in_reserve)" ]
	check_eq "lines that are not a name and a value" "" \
		"$(awk 'NF != 2' $TW_DEBUG/walk || echo "awk failed")"
	# What this kernel's changes of chains allow (compat/handover.h), and its machine.
	case $(uname -m) in
	x86_64) check_eq "the way of walks" "no -" \
		"$(walk_value walk_locked) $(walk_value walk_locked_why)" ;;
	*) check_eq "the way of walks" "yes memory-order" \
		"$(walk_value walk_locked) $(walk_value walk_locked_why)" ;;
	esac
	# User-mode Linux has no return probes, so nothing is counted there.
	if grep -q ' register_kretprobe$' /proc/kallsyms; then
		counted=yes
	fi
	check_eq "failures are counted" "$counted" \
		"$(walk_value failures_counted)"
}

# Sockets of all namespaces, as `all` has them.
sockets_of_all() {
	awk -v states="$TW_STATES" '
		NR == 1 {
			for (i = 1; i <= NF; i++)
				at[$i] = i
			nr = split(states, state, " ")
			next
		}
		{ for (i = 1; i <= nr; i++) n += $(at[state[i]]) }
		END { print n + 0 }' $TW_DEBUG/all
}

ehash_now() {
	cat $TW_DEBUG/ehash >"$TW_TMP/ehash"
	EHASH=$(awk '/^# ehash/ {
			for (i = 3; i <= NF; i++)
				if (sub(/^sockets=/, "", $i))
					n += $i
		}
		END { print n + 0 }' "$TW_TMP/ehash")
	ALL=$(sockets_of_all)
	[ "$EHASH" = "$ALL" ]
}

ehash_adds_up() {
	mixed_net
	wait_for 10 ehash_now
	check_eq "sockets of ehash, as in all" "$ALL" "$EHASH"
	check "there are sockets" [ "$EHASH" -gt 0 ]
	check_eq "what is wrong in ehash" "" "$(awk '
		function done() {
			if (slots != want)
				print "slots sum to " slots " of " want
			if (!more && sockets != total)
				print "lengths sum to " sockets " of " total
			if (!more && longest != max)
				print "longest is " longest ", not " max
		}
		NR == 1 { next }
		/^#/ {
			if (tables++)
				done()
			for (i = 3; i <= NF; i++) {
				split($i, pair, "=")
				value[pair[1]] = pair[2]
			}
			want = value["slots"]; total = value["sockets"]
			longest = value["longest"]
			slots = sockets = more = max = 0
			next
		}
		{
			slots += $2
			sockets += $1 * $2
			if ($2)
				max = $1 + 0
			if ($1 ~ /\+/ && $2)
				more = 1
		}
		END { if (!tables) print "no table"; else done() }' \
		"$TW_TMP/ehash" || echo "awk failed")"
}

# What root writes, and the way that is taken then; what is written first says nothing.
walk_locked_is_a_choice() {
	local wish

	needs_debugfs
	[ "$(uname -m)" = x86_64 ] || skip "chains are always locked on this machine"
	walk_locked ''
	check_eq "walk_locked" "" "$(<$TW_WAY)"
	check_eq "the way" no "$(walk_value walk_locked)"
	for wish in Y N; do
		walk_locked $wish
		check_eq "walk_locked" $wish "$(<$TW_WAY)"
		check_eq "the way" "$([ $wish = Y ] && echo yes || echo no)" \
			"$(walk_value walk_locked)"
	done
	check "a wish that is none was taken" fails_to_set perhaps
	check_eq "walk_locked" N "$(<$TW_WAY)"
}

fails_to_set() {
	! echo "$1" 2>/dev/null >$TW_WAY
}

tw_main walk_locked_is_a_choice modes all_is_every_namespace all_outlives_a_namespace ages_add_up ports_say_why ports_held \
	walk_counts ehash_adds_up
