#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# leakscan.sh: prints what kmemleak finds that nothing points to any more, in
# its own words, "unreferenced object" and where it was allocated. Silent when
# there is nothing, and on a kernel without kmemleak.
file=/sys/kernel/debug/kmemleak
[ -e "$file" ] || exit 0
# A run with much traffic may do without: it doubles the price of an allocation.
! grep -qw kmemleak=off /proc/cmdline || exit 0

scan() {
	echo scan >"$file" || {
		# It stops for good when it runs out of memory of its own.
		echo "leakscan: BUG: kmemleak does not scan"
		exit 1
	}
}

# What is younger than 5 s is never reported.
sleep 6
# An object is reported once it has not changed from one scan to the next. What
# looks like a pointer to it, on a stack or in a free page, may be gone by the third.
scan
scan
scan
# Names of User-mode Linux's serial lines, from its boot. Built by gcc 14 it has no pointer to
# them any more.
awk '
	function tell() { if (object !~ /ssl_init\+/) printf "%s", object; object = "" }
	/^unreferenced object/ { tell() }
	{ object = object $0 "\n" }
	END { tell() }' "$file"
