#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# headers.sh: in a guest, what modules do that were built from headers with something changed,
# /modules/VARIANT.ko (steps/headers.sh). `VARIANT: all of it` if one does it all.
. /selftests/lib/main.sh

PARAM=/sys/module/tw_summary/parameters

# says WHAT COMMAND...
says() {
	local what=$1

	shift
	if "$@"; then
		echo "yes: $what"
	else
		echo "NO: $what"
		failed=1
	fi
}

logged() {
	dmesg | grep -q "tw_summary: $1"
}

way_is() {
	read_walk
	[ "${WALK[walk_locked]-} ${WALK[walk_locked_why]-}" = "$1" ]
}

refused() {
	! echo Y 2>"/tmp/refused" >$PARAM/count_failures &&
		grep -q 'not supported' /tmp/refused
}

tests() {
	/selftests/run_all.sh "$@" >/tmp/tests || {
		cat /tmp/tests
		return 1
	}
}

# try VARIANT: its module is loaded
try() {
	case $1 in
	arguments)
		says "the log has the reason" \
			logged 'connect failures are not counted: a function to probe'
		says "count_failures reads N" [ "$(<$PARAM/count_failures)" = N ]
		says "writing Y is not supported" refused
		says "fails is not known" grep -q ' fails=- ' $TW_FILE
		says "chains are read without their locks" way_is "no -"
		says "a connect() that finds no port harms nobody" tests free_range
		;;
	lists)
		says "the log has the reason" logged "the kernel's table is read under its locks"
		says "chains are read under their locks" way_is "yes other-lists"
		echo N >$PARAM/walk_locked
		says "whatever root wants" way_is "yes other-lists"
		says "failures are counted" [ "$(<$PARAM/count_failures)" = Y ]
		says "the counts are right" tests counts:everything_at_once
		;;
	newer)
		says "the log has the reason" logged "the kernel's table is read under its locks"
		says "chains are read under their locks" way_is "yes newer-kernel"
		says "the counts are right" tests counts:everything_at_once
		echo N >$PARAM/walk_locked
		says "unless root wants it otherwise" way_is "no -"
		says "the counts are right then" tests counts:everything_at_once
		;;
	*)
		failed=1
		;;
	esac
}

for ko in /modules/*.ko; do
	variant=${ko##*/} variant=${variant%.ko}
	failed=0
	# The next one writes the same lines.
	dmesg -c >/dev/null
	says "$variant.ko can be loaded" insmod "$ko" && try "$variant"
	[ $failed != 0 ] || echo "$variant: all of it"
	rmmod tw_summary
done
