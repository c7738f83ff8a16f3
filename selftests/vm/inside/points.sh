# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# TAP without numbers and plan, for what a guest that systemd has booted tells. Sourced.

# check WHAT COMMAND...
check() {
	local what=$1

	shift
	if "$@" >/tmp/said 2>&1; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		sed 's/^/# /' /tmp/said
	fi
}

# step WHAT COMMAND...: what the checks that follow are about; a point only if it fails
step() {
	local what=$1

	shift
	"$@" >/tmp/step 2>&1 || check "$what" sh -c "cat /tmp/step; false"
}

# monitor_interval_is N: what sysctl.d has set
monitor_interval_is() {
	cat /proc/sys/net/tw_summary/monitor_interval_ms
	[ "$(cat /proc/sys/net/tw_summary/monitor_interval_ms)" = "$1" ]
}
