# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Control groups of version 2. Sourced after watch.sh.

# The top of their tree, mounted until the subtest ends, in $CGROUP_TOP
cgroup2() {
	CGROUP_TOP=$TW_TMP/cgroup
	[ ! -d "$CGROUP_TOP" ] || return 0
	mkdir "$CGROUP_TOP"
	mount -t cgroup2 none "$CGROUP_TOP" 2>/dev/null || skip "no cgroup2"
	at_exit umount "$CGROUP_TOP"
}
