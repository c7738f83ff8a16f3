#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [NAME...]: the harness proves itself. Boots the kernel with the sanitizers once per
# module of this folder and checks that guest/run.sh fails each guest for
# the bug planted in it, by the right name, and has nothing against the module
# without one; likewise kunit.sh with a failing case. And a guest that is stuck in its boot is
# booted again, one that is reset without a word told from others. TAP; one boot per bug, as a
# report may end the kernel and turns lock checking off.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

# module, and the complaint that must be found
planted=(
	"use_after_free:KASAN: slab-use-after-free in use_after_free_init"
	"lock_inversion:possible circular locking dependency detected"
	"atomic_sleep:sleeping function called from invalid context"
	"leak:unreferenced object .*"
	"bounds:UBSAN: array-index-out-of-bounds in .*bounds.c"
	"rcu_misuse:suspicious RCU usage"
)
control=control
kunit=kunit_fails
stuck=stuck_boot
reset=reset

names=("$@")
if [ ${#names[@]} = 0 ]; then
	names=("$control" "${planted[@]%%:*}" "$kunit" "$stuck" "$reset")
fi

"$TW_VM/kernels/packages.sh"
kernel=$(tw_checks_kernel)
built=$("$TW_VM/kernels/build.sh" "$kernel" "$TW_VM/planted" | tail -n 1) ||
	die "the planted modules were not built"
logs=$TW_CACHE/logs
mkdir -p "$logs"

# boot MODULE: loads and unloads it in a guest; the status is that of run.sh.
boot() {
	# The search for leaks is most of such a run: for those two only.
	local append=kmemleak=off

	case $1 in "$control" | leak) append='' ;; esac
	"$TW_VM/guest/run.sh" --kernel "$kernel" --append "$append" \
		--module "$built/$1.ko" --log "$log" --timeout 3600 -- \
		sh -c "modprobe $1 && rmmod $1" >"$log.out" 2>&1
}

# check_planted MODULE COMPLAINT: run.sh must end with 125, and the complaint be
# among the lines that it gives as its reasons.
check_planted() {
	local status=0 verdict=0

	boot "$1" || status=$?
	if [ "$status" != 125 ]; then
		echo "run.sh ended with $status instead of 125, see $log" >"$why"
		verdict=1
	elif ! grep -qE "$2" "$log.out"; then
		echo "run.sh gave other reasons, see $log.out and $log" >"$why"
		verdict=1
	fi
	tap_result "$verdict" "$1 is reported: $2" "$why"
}

check_control() {
	local status=0

	boot "$control" || status=$?
	echo "run.sh ended with $status, see $log.out and $log" >"$why"
	tap_result "$status" "a module without a bug is not reported" "$why"
}

# One case fails, and the others are still counted.
check_kunit() {
	local status=0 verdict=0 counts

	"$TW_VM/steps/kunit.sh" "$TW_VM/planted" "$kunit" >"$log.out" 2>&1 || status=$?
	counts=$(tap_count 0 <"$log.out")
	if [ "$counts" != "2 1 0" ]; then
		echo "kunit.sh ended with $status and '$counts', see $log.out" >"$why"
		verdict=1
	fi
	tap_result "$verdict" "a failing KUnit case is reported" "$why"
}

# No time at all for the first boot: it is as if it hung.
check_stuck() {
	local verdict=0

	TW_BOOT_LIMIT=0 "$TW_VM/guest/run.sh" --kernel "$(tw_newest_kernel)" --parallel \
		--log "$log" -- echo booted >"$log.out" 2>&1 || verdict=$?
	grep -qx booted "$log.out" && [ -e "$log.first-boot" ] &&
		grep -q 'did not get as far as /init' "$log.out" || verdict=1
	echo "see $log.out and $log" >"$why"
	tap_result "$verdict" "a boot that is stuck is ended, and the guest booted again" "$why"
}

# The kernel only says "sysrq: Resetting", which is no complaint.
check_reset() {
	local status=0 verdict=1

	"$TW_VM/guest/run.sh" --kernel "$(tw_newest_kernel)" --parallel --log "$log" -- \
		sh -c 'echo b >/proc/sysrq-trigger; sleep 9' >"$log.out" 2>&1 || status=$?
	[ $status != 123 ] || ! grep -q 'QEMU has failed the guest' "$log.out" ||
		! grep -q 'resets of the processors' "$log" || verdict=0
	echo "see $log.out and $log" >"$why"
	tap_result "$verdict" "a guest that is reset without a word is told from others" "$why"
}

why=$(mktemp "${TMPDIR:-/tmp}/tw-planted.XXXXXX")
trap 'rm -f "$why"' EXIT
for name in "${names[@]}"; do
	log=$logs/planted-$name.log
	case $name in
	"$control") check_control ;;
	"$kunit") check_kunit ;;
	"$stuck") check_stuck ;;
	"$reset") check_reset ;;
	*)
		complaint=''
		for p in "${planted[@]}"; do
			[ "${p%%:*}" != "$name" ] || complaint=${p#*:}
		done
		[ -n "$complaint" ] || die "nothing is planted as '$name'"
		check_planted "$name" "$complaint"
		;;
	esac
done
tap_end
