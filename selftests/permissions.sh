#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Everybody may read, and nobody may write.
#
# kernels: ends
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

mode() {
	check_eq "mode of $TW_FILE" 444 "$(stat -c %a $TW_FILE)"
	check_eq "owner of $TW_FILE" "0 0" "$(stat -c '%u %g' $TW_FILE)"
}

ordinary_user_reads() {
	add_addr 10.9.0.1
	traffic pairs --to 10.9.0.1:443 --count 3
	"$TOOL" run --uid 1000 cat $TW_FILE >"$TW_TMP/user" ||
		abort "user 1000 cannot read"
	use_snapshot "$TW_TMP/user"
	check_wellformed
	check_eq "sockets that user 1000 sees" 3 "${TW_HEAD[sockets]-}"
}

# A user in a namespace of his own sees his own sockets and nothing of ours.
users_own_namespace() {
	add_addr 10.9.0.1
	traffic pairs --to 10.9.0.1:443 --count 3
	"$TOOL" run --uid 1000 --userns true 2>/dev/null ||
		skip "ordinary users make no user namespaces here"
	"$TOOL" run --uid 1000 --userns cat $TW_FILE >"$TW_TMP/user" ||
		abort "user 1000 cannot read in his own namespace"
	use_snapshot "$TW_TMP/user"
	check_wellformed
	check_eq "sockets in his namespace" 0 "${TW_HEAD[sockets]-}"
	check "a namespace of his own" \
		[ "net:[${TW_HEAD[netns]-}]" != "$(readlink /proc/self/ns/net)" ]
}

nobody_writes() {
	check "root wrote" refused_write
	check "user 1000 wrote" "$TOOL" run --uid 1000 "$BASH" -c \
		"! (echo x >$TW_FILE) 2>/dev/null"
	snapshot
}

refused_write() {
	! (echo x >$TW_FILE) 2>/dev/null
}

# Only the initial namespace can set what costs the whole machine.
cost_knobs_are_the_hosts() {
	local knob before dir=/proc/sys/net/tw_summary

	for knob in cache_ms max_rows; do
		before=$(nsenter --net=/proc/self/fd/9 cat $dir/$knob)
		(echo 77 >$dir/$knob) 2>/dev/null
		check_eq "$knob after a write in another namespace" "$before" \
			"$(nsenter --net=/proc/self/fd/9 cat $dir/$knob)"
	done
}

# Values that make no sense are refused and change nothing.
knobs_refuse_nonsense() {
	local dir=/proc/sys/net/tw_summary try

	for try in max_rows=0 max_rows=-1 max_rows=x cache_ms=-1 cache_ms=x; do
		check_eq "after $try" \
			"refused $(nsenter --net=/proc/self/fd/9 \
				cat $dir/${try%=*})" \
			"$(nsenter --net=/proc/self/fd/9 "$BASH" -c "
				(echo ${try#*=} >$dir/${try%=*}) 2>/dev/null &&
					echo took || echo refused
				cat $dir/${try%=*}" | tr '\n' ' ' |
				sed 's/ $//')"
	done
}

tw_main mode ordinary_user_reads users_own_namespace nobody_writes \
	cost_knobs_are_the_hosts knobs_refuse_nonsense
