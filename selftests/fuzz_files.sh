#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Random calls to the module's files, while connections come and go: each ends with what is
# documented, and the sanitizers have nothing to say. TW_SEED=N makes the calls of a run
# again, TW_CALLS=N says how many there are.
#
# kernels: debug
. "${BASH_SOURCE[0]%/*}/lib/main.sh"
needs parallel

R=10.9.1.1

seed=${TW_SEED:-$((RANDOM << 15 | RANDOM))}
calls=${TW_CALLS:-$(scaled 15000)}

as_user() {
	setpriv --reuid 1000 --regid 1000 --clear-groups "$@"
}

# fuzz WHO [COMMAND...]: COMMAND runs what follows as somebody else; output in a file
fuzz() {
	local out=$TW_TMP/$1

	shift
	"$@" "$TW_SELFTESTS/tw_ifuzz" "$seed" "$calls" >"$out" 2>&1
}

# judge WHO STATUS
judge() {
	note "$1: seed $seed, $calls calls:" "$(paste -sd';' "$TW_TMP/$1")"
	check_eq "status of tw_ifuzz as $1" 0 "$2"
}

comings_and_goings() {
	add_addr 10.9.0.1 $R
	traffic_bg pairs --from 10.9.0.1 --to $R:443 --count 20 --forever
}

by_root() {
	local status=0

	comings_and_goings
	fuzz root || status=$?
	judge root $status
	check_table_is_there
}

by_a_user() {
	local status=0

	comings_and_goings
	fuzz user as_user || status=$?
	judge user $status
	check_table_is_there
}

# One who reads while another changes thresholds, rules and the monitor.
by_both() {
	local user status=0

	comings_and_goings
	fuzz user as_user &
	user=$!
	fuzz root || status=$?
	judge root $status
	status=0
	wait $user || status=$?
	judge user $status
	check_table_is_there
}

check_table_is_there() {
	snapshot
	check_eq "version in the header" 1 "${TW_HEAD[version]-}"
}

tw_main by_root by_a_user by_both
