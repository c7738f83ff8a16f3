#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# verify_mutants.sh: loads each module of /mutants in turn, runs twstat --verify, and prints
# a line for each case that it calls wrong: the mutant, and the case.
set -uo pipefail
SERVERS=/python
TW_LIB=/selftests/lib
. "$TW_LIB/unpacked.sh"

abort() {
	echo "Bail out! $*"
	exit 1
}

skip() {
	abort "$@"
}

unpacked_ready python3
tools_ready
mkdir -p $SERVERS/sys
mount --bind /sys $SERVERS/sys || abort "no /sys"
for mutant in /mutants/*.ko; do
	name=${mutant##*/} name=${name%.ko}
	rmmod tw_summary 2>/dev/null
	insmod "$mutant" || abort "$name is no module for this kernel"
	served /usr/bin/python3 /tools/bin/twstat --verify 2>&1 |
		sed -n -e "s/^WRONG  *\(.*\)/$name: \1/p" -e "s/^not verified/$name: - &/p" |
		sort -u
	echo "$name parameter $(<$SERVERS/sys/module/tw_summary/parameters/rules_verified)"
done
