#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The header shows the settings of the namespace, and follows when they change.
#
# kernels: rules
. "${BASH_SOURCE[0]%/*}/lib/main.sh"

range_is() {
	set_sysctl net.ipv4.ip_local_port_range "$1 $2"
	snapshot
	check_eq "range after $1 $2" "$1-$2" "${TW_HEAD[range]-}"
	check_eq "tried of $1 $2" "$3" "${TW_HEAD[tried]-}"
}

default_range() {
	snapshot
	check_eq range "$(tr -s ' \t' '-' </proc/sys/net/ipv4/ip_local_port_range)" \
		"${TW_HEAD[range]-}"
}

# One connect() tries an even number of ports, but for a range of one.
even_and_odd_ranges() {
	range_is 32768 60999 28232
	range_is 40000 40999 1000
	range_is 40000 41000 1000
	range_is 40001 40003 2
	range_is 40001 40002 2
	range_is 1024 65535 64512
}

range_of_one_port() {
	range_is 40000 40000 1
}

# A range that changed between two reads of one open file.
range_between_reads() {
	set_sysctl net.ipv4.ip_local_port_range "40000 40999"
	"$TOOL" read --again $TW_FILE --stop-after 1 --command \
		"sysctl -qw net.ipv4.ip_local_port_range='41000 41099'" \
		>"$TW_TMP/both" || abort "cannot read"
	sed '/^=== again/,$d' "$TW_TMP/both" >"$TW_TMP/first"
	sed '1,/^=== again/d' "$TW_TMP/both" >"$TW_TMP/second"
	use_snapshot "$TW_TMP/first"
	check_eq "range of the first snapshot" 40000-40999 "${TW_HEAD[range]-}"
	use_snapshot "$TW_TMP/second"
	check_eq "range of the second" 41000-41099 "${TW_HEAD[range]-}"
	check_eq "tried of the second" 100 "${TW_HEAD[tried]-}"
}

tw_reuse_follows() {
	local value

	for value in 0 1 2; do
		set_sysctl net.ipv4.tcp_tw_reuse $value
		snapshot
		check_eq tw_reuse $value "${TW_HEAD[tw_reuse]-}"
	done
}

tw_main default_range even_and_odd_ranges range_of_one_port \
	range_between_reads tw_reuse_follows
