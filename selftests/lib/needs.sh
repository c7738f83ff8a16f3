# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What a program takes that not each machine has. It is looked for when the program runs;
# what is missing is why it is skipped. There is a function lacks_WORD for each word of
# `needs WORD...`, which prints what is missing, or nothing.

lacks_parallel() {
	[ "$(nproc)" -ge 2 ] || echo "there is one processor only"
}

lacks_probe() {
	local counting=

	read -r counting 2>/dev/null </sys/module/tw_summary/parameters/count_failures
	[ "$counting" = Y ] ||
		echo "connect() calls are not followed: no return probe, or count_failures is off"
}

lacks_schedstat() {
	[ -e /proc/self/schedstat ] || echo "no /proc/PID/schedstat in this kernel"
}

# A kernel may have the hierarchy and no controllers.
lacks_cgroups() {
	local dir=/sys/fs/cgroup word

	for word in memory cpu; do
		unshare -m "$BASH" -c "mount -t cgroup2 none $dir &&
			grep -qw $word $dir/cgroup.controllers" 2>/dev/null || {
			echo "no cgroup2 with a controller of $word in this kernel"
			return
		}
	done
}

lacks_suspend() {
	[ -e /sys/power/pm_test ] || echo "this kernel cannot test suspending"
}

lacks_faults() {
	[ -e /proc/self/fail-nth ] || echo "no fault injection in this kernel"
}

lacks_tracers() {
	lacks_programs bpftrace trace-cmd perf
}

# Debian's programs and our tools, which only the harness unpacks.
lacks_servers() {
	[ -d /servers ] || echo "only a guest of selftests/vm has /servers"
}

lacks_python() {
	[ -d /python ] || echo "only a guest of selftests/vm has /python"
}

lacks_fleet() {
	[ -d /fleet ] || echo "only a guest of selftests/vm has /fleet"
}

# lacks_programs NAME...
lacks_programs() {
	local p

	for p; do
		command -v "$p" >/dev/null || { echo "there is no program $p"; return; }
	done
}

# Of the capabilities those without which nothing works: CAP_NET_ADMIN (12), CAP_SYS_ADMIN (21)
lacks_capabilities() {
	local key value

	while read -r key value; do
		[ "$key" != CapEff: ] || break
	done </proc/self/status
	value=$((16#$value))
	[ $((value >> 12 & 1)) = 1 ] || { echo "no CAP_NET_ADMIN"; return; }
	[ $((value >> 21 & 1)) = 1 ] || echo "no CAP_SYS_ADMIN"
}

lacks_tools() {
	local t

	for t in tw_netns tw_traffic tw_wellformed; do
		[ -x "$TW_SELFTESTS/$t" ] || { echo "$t is not built"; return; }
	done
}

# Other namespaces do not have this setting, or cannot change it.
lacks_initial_namespace() {
	local knob=/proc/sys/net/tw_summary/cache_ms

	(echo "$(<$knob)" >$knob) 2>/dev/null ||
		echo "not in the initial network namespace: $knob cannot be set"
}

# What each program takes, in the order in which it is looked for
TW_ALWAYS=(module root capabilities basics tools initial_namespace)

lacks_module() {
	module_loaded || echo "the module is not loaded"
}

lacks_root() {
	[ "$EUID" = 0 ] || echo "not root"
}

lacks_basics() {
	lacks_programs awk ip ss nsenter unshare sysctl mktemp
}

# tw_lacks: prints the first thing that is missing
tw_lacks() {
	local word why

	for word in "${TW_ALWAYS[@]}" "${TW_NEEDS[@]+"${TW_NEEDS[@]}"}"; do
		why=$("lacks_$word")
		[ -z "$why" ] || { printf '%s\n' "$why"; return; }
	done
}
