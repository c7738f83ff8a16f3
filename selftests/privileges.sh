#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Who may set thresholds, and who may set what limits the cost.
#
# kernels: ends
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
. "$TW_LIB/watch.sh"
. "$TW_LIB/rules.sh"

KNOBS=/proc/sys/net/tw_summary
RULE="10.9.1.1:443 warn=1 crit=2"

modes() {
	local knob

	check_eq "mode and owner of $TW_RULES" "644 0 0" \
		"$(stat -c '%a %u %g' $TW_RULES)"
	for knob in warn_percent crit_percent hysteresis_percent \
		monitor_interval_ms; do
		check_eq "mode of $knob" 644 "$(stat -c %a $KNOBS/$knob)"
	done
	for knob in cache_ms max_rows monitor_floor_ms; do
		check_eq "mode of $knob in another namespace" 444 \
			"$(stat -c %a $KNOBS/$knob)"
		check_eq "mode of $knob in the initial namespace" 644 \
			"$(nsenter --net=/proc/self/fd/9 stat -c %a \
				$KNOBS/$knob)"
		check "root of another namespace writes $knob" \
			refused "echo 200 >$KNOBS/$knob"
	done
}

# refused SHELL-COMMAND [PREFIX...]: fails, as told by an error of permission;
# one of the prefix does not count
refused() {
	local command=$1

	shift
	! "$@" "$BASH" -c "$command" 2>"$TW_TMP/why" &&
		grep -qE "Permission denied|Operation not permitted" \
			"$TW_TMP/why" &&
		! grep -qE "^(setpriv|unshare|nsenter):" "$TW_TMP/why"
}

as_user() {
	setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

ordinary_user_sets_nothing() {
	local knob

	set_rules "$RULE"
	check_eq "rules as user 1000 reads them" "$(rules)" \
		"$(as_user cat $TW_RULES)"
	check "user 1000 writes rules" refused "echo flush >$TW_RULES" as_user
	for knob in $KNOBS/*; do
		check "user 1000 writes $knob" \
			refused "echo 50 >$knob" as_user
	done
	check "user 1000 reads debugfs" \
		refused "cat $TW_DEBUG/all" as_user
	check_eq "the rules" 1 "$(rules | wc -l)"
}

# CAP_NET_ADMIN counts, not the user number.
root_without_the_capability() {
	local without=(setpriv --bounding-set -net_admin)

	"${without[@]}" grep -q '^CapEff' /proc/self/status ||
		abort "setpriv does not work"
	set_rules "$RULE"
	check "root without CAP_NET_ADMIN writes rules" \
		refused "echo flush >$TW_RULES" "${without[@]}"
	check_eq "the rules" 1 "$(rules | wc -l)"
	check "root with the rest of the capabilities gone writes rules" \
		setpriv --bounding-set -all,+net_admin \
		"$BASH" -c "echo flush >$TW_RULES"
	check_eq "the rules" "" "$(rules)"
}

# In a user namespace of user 1000, as its root. It has users before it has a
# network namespace, as containers are made: else the files of /proc/net are
# nobody's but real root's.
contained() {
	as_user unshare -Ur unshare -n "$@"
}

user_namespaces_root() {
	local knob

	contained true 2>/dev/null ||
		skip "ordinary users make no user namespaces here"
	contained "$BASH" -c "
		set -e
		echo '$RULE' >$TW_RULES
		echo 50 >$KNOBS/warn_percent
		echo 3600000 >$KNOBS/monitor_interval_ms
		cat $TW_RULES $KNOBS/warn_percent $KNOBS/monitor_interval_ms
		" >"$TW_TMP/own" || fail "its root can't set its own limits"
	check_text "what it set" "10.9.1.1/32:443 warn=1 crit=2
50
3600000" "$(<"$TW_TMP/own")"
	for knob in cache_ms max_rows monitor_floor_ms; do
		check "its root writes $knob" refused \
			"echo 200 >$KNOBS/$knob" contained
	done
	check "its root reads debugfs" \
		refused "cat $TW_DEBUG/all" contained
	check_eq "our rules" "" "$(rules)"
}

# Nor does it get at a namespace that it has no right to.
user_namespaces_root_elsewhere() {
	as_user unshare -Ur true 2>/dev/null ||
		skip "ordinary users make no user namespaces here"
	check "root of a user namespace writes our rules" \
		refused "echo '$RULE' >$TW_RULES" as_user unshare -Ur
	check "real root with its capabilities in a user namespace only" \
		refused "echo '$RULE' >$TW_RULES" unshare -Ur
	check_eq "our rules" "" "$(rules)"
}

tw_main modes ordinary_user_sets_nothing root_without_the_capability \
	user_namespaces_root user_namespaces_root_elsewhere
