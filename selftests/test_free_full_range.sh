#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The range that every machine has when nobody has changed it: 28,232 ports,
# used up to the last one.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$TW_HERE/lib_free.sh"

TW_TIMEOUT=${TW_TIMEOUT:-1200}

# Whoever connects must not wait for whoever accepts.
default_range() {
	add_addr $A $R $S
	set_sysctl net.core.somaxconn 65535
}

one_destination() {
	default_range
	traffic_bg pairs --from $A --to $R:443 --count "$(scaled 20000 100)" \
		--keep 5
	check_free $A $R:443
	check_eq tried 28232 "$(header tried)"
	check_eq free $((28227 - $(scaled 20000 100))) "$FREE"
}

one_beside_it() {
	default_range
	traffic pairs --from $A --to $R:443 --count "$(scaled 5000 100)"
	traffic_bg pairs --from $A --to $S:443 --keep 1
	check_free $A $S:443
	check_eq free 28231 "$FREE"
}

tw_main one_destination one_beside_it
