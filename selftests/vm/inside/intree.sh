#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# intree.sh run [PROGRAM...]: the kernel's own runner, in a guest that has the installed tests.
# intree.sh missing: a program that misses something ends as a skip, and says what it is;
# as TAP. intree.sh unloaded: the same without the module.
TESTS=/kselftest/net/tw_summary
# The runner writes there what programs say.
[ -e /dev/stdout ] || ln -s /proc/self/fd/1 /dev/stdout
# The runner, and a user of these programs, is not in a guest of the harness.
unset TW_GUEST
n=0

# skips WHAT REASON COMMAND...: with status 4, and a line that has the reason
skips() {
	local what=$1 reason=$2 said status=0 verdict=ok

	shift 2
	said=$(cd $TESTS && "$@" 2>&1) || status=$?
	[ $status = 4 ] && grep -q "# SKIP .*$reason" <<<"$said" || {
		verdict="not ok"
		printf 'status %d\n%s\n' $status "$said" | sed 's/^/# /'
	}
	printf '%s %d - %s\n' "$verdict" $((++n)) "is skipped $what ($reason)"
}

# without PROGRAM COMMAND...: with a PATH that lacks it
without() {
	local gone=$1 bin=/tmp/without-$1 p

	shift
	mkdir -p "$bin"
	for p in /bin/*; do
		[ "${p##*/}" = "$gone" ] || ln -sf "$p" "$bin/"
	done
	PATH=$bin "$@"
}

# not_built PROGRAM: where the tools are not
not_built() {
	cp -r $TESTS /tmp/not_built
	rm /tmp/not_built/tw_*
	"/tmp/not_built/$1"
}

# as_part CAPABILITY COMMAND...: as root without it
as_part() {
	local cap=$1

	shift
	setpriv --inh-caps "-$cap" --bounding-set "-$cap" "$@"
}

without_debugfs() {
	local status=0

	umount /sys/kernel/debug
	./debugfs.sh || status=$?
	mount -t debugfs debugfs /sys/kernel/debug
	return $status
}

missing() {
	local p

	for p in awk ip ss nsenter unshare sysctl; do
		skips "without $p" "there is no program $p" without "$p" ./counts.sh
	done
	skips "without the tools" "tw_netns is not built" not_built counts.sh
	skips "as a user" "not root" setpriv --reuid 65534 --regid 65534 --clear-groups \
		./counts.sh
	skips "without a capability" "no CAP_NET_ADMIN" as_part net_admin ./counts.sh
	skips "without a capability" "no CAP_SYS_ADMIN" as_part sys_admin ./counts.sh
	skips "in another namespace" "not in the initial network namespace" \
		unshare -n ./counts.sh
	skips "without a probe" "no return probe" ./callers.sh
	skips "without schedstat" "no /proc/PID/schedstat" ./budget.sh
	skips "without cgroups" "no cgroup2" ./groups.sh
	skips "without a way to suspend" "cannot test suspending" ./suspend.sh
	skips "without fault injection" "no fault injection" ./faults.sh
	skips "on one processor" "one processor only" ./churn.sh
	skips "without debugfs" "no debugfs" without_debugfs
}

case $1 in
run)
	modprobe -q tw_summary
	shift
	cd /kselftest && exec ./run_kselftest.sh ${1+$(printf -- '-t net/tw_summary:%s.sh ' "$@")} ;;
missing)
	modprobe tw_summary && missing ;;
unloaded)
	skips "without the module" "the module is not loaded" ./counts.sh ;;
esac
echo "1..$n"
