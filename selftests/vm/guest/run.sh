#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh --kernel K [OPTION...] -- COMMAND [ARG...]: boots a guest of kernel K and
# runs COMMAND in it as root. COMMAND's output is run.sh's, its exit status too.
#	--kernel K	one of the kernels that kernels.sh knows
#	--add DIR	lay the content of DIR over the guest's root (repeatable)
#	--module FILE	put FILE.ko where the guest's modprobe finds it (repeatable)
#	--smp N		processors (2)
#	--mem M		memory, in QEMU's notation (1536M)
#	--timeout S	seconds after which the guest is ended (1800). This is for guests
#			that hang: those of a busy machine take ten times as long as others
#	--log FILE	keep output and kernel log there, also while it runs:
#			FILE.console is the kernel log until the end, FILE.first-boot
#			that of a boot which was stuck
#	--append ARGS	more for the kernel's command line
#	--icount	guest time counts instructions (QEMU) or travels (uml-time):
#			one processor, waits are free
#	--parallel	the processors really run at the same time, each in a thread
#			of its own. Without it QEMU's take turns in one, which is
#			quicker where guests share the host, and safer (qemu.sh)
#	--firmware IMAGE VARS	boot IMAGE by UEFI with Secure Boot, by OVMF with these
#			variables; firmware.sh makes both
#	--image FILE	boot this image of User-mode Linux, made from the same source
#	--allow REGEX	kernel log lines that match are no complaint
#	--shell		an interactive shell on this terminal; COMMAND comes first
# Status 125 means that the guest reported no status (time limit, panic, ...) or that its
# kernel complained, 123 that QEMU has failed it (qemu.sh). stderr has the reason.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

usage() {
	die "usage: run.sh --kernel K [OPTION...] -- COMMAND [ARG...]; see its head"
}

kernel='' smp=2 mem=1536M limit=1800 log='' append='' allow=''
icount='' parallel='' shell='' firmware=() image=''
adds=() kos=()
while [ $# -gt 0 ]; do
	case $1 in
	--icount) icount=1; shift; continue ;;
	--parallel) parallel=1; shift; continue ;;
	--shell) shell=1; shift; continue ;;
	--) shift; break ;;
	esac
	[ $# -ge 2 ] || usage
	case $1 in
	--kernel) kernel=$2 ;;
	--add) adds+=("$2") ;;
	--module) kos+=("$2") ;;
	--smp) smp=$2 ;;
	--mem) mem=$2 ;;
	--timeout) limit=$2 ;;
	--log) log=$2 ;;
	--append) append=$2 ;;
	--allow) allow=$2 ;;
	--image) image=$2 ;;
	--firmware)
		[ $# -ge 3 ] || usage
		firmware=("$2" "$3")
		shift ;;
	*) usage ;;
	esac
	shift 2
done
[ -n "$kernel" ] || usage
[ $# -gt 0 ] || [ -n "$shell" ] || usage
tw_kernel_check "$kernel"

failed() {
	say "run.sh: $kernel: $*"
	exit 125
}

kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1) || failed "no kernel"
base=$("$TW_VM/guest/initramfs.sh" "$kernel" | tail -n 1) || failed "no initramfs"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-run.XXXXXX")
guest=''
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	# timeout passes the signal on, but the guest may ignore it.
	[ -z "$guest" ] || {
		kill -TERM "$guest" 2>/dev/null || :
		pkill -KILL -P "$guest" 2>/dev/null || :
	}
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The kernel accepts several archives, one after another, as one initramfs.
segment() {
	(cd "$1" && find . -mindepth 1 -print0 |
		cpio -0 -o -H newc --owner=0:0 --quiet)
}

mkdir -p "$tmp/own/tw"
if [ $# -gt 0 ]; then
	printf '%q ' "$@" >"$tmp/own/tw/command"
	printf '\n' >>"$tmp/own/tw/command"
else
	: >"$tmp/own/tw/command"
fi
if [ -n "$shell" ]; then
	size=$(stty size 2>/dev/null) || size=
	# A terminal without a size, or none.
	case $size in '' | '0 '* | *' 0') size="24 80" ;; esac
	printf '%s\n' "$size" >"$tmp/own/tw/shell"
fi
if [ ${#kos[@]} -gt 0 ]; then
	extra=$tmp/own/lib/modules/$(cat "$kdir/release")/extra
	mkdir -p "$extra"
	# Nine tenths of a module are for debuggers, and a guest reads all of it each time it
	# loads it.
	strip='strip'
	! tw_is_arm64 "$kernel" || strip=aarch64-linux-gnu-strip
	cp "${kos[@]}" "$extra/"
	$strip --strip-debug "$extra"/*.ko || failed "cannot strip the modules"
fi
{
	cat "$base"
	for d in "${adds[@]}"; do
		[ -d "$d" ] || failed "--add $d: no such folder"
		segment "$d"
	done
	segment "$tmp/own"
} >"$tmp/initramfs" || failed "cannot write the initramfs in $tmp"

# Without --log the log is kept only if the harness fails.
keep=$log
log=${log:-$tmp/log}
: >"$log"
: >"$log.console"

# The kernel command line of every guest.
CMDLINE="panic=-1 panic_on_warn=1 oops=panic hung_task_panic=1"
CMDLINE+=" printk.time=1 loglevel=7"
# The allocator keeps lists of free objects for each processor (mm/slub.c: sheaves). An entry
# that it has handed out stays there as it was, and kmemleak takes it for a pointer: of 32
# objects that were lost it found 11 to 31. A cache that checks its objects has no such lists.
case $kernel in debug | uml-debug) CMDLINE+=" slab_debug=F,kmalloc-*" ;; esac
# Not empty if QEMU may fail the guest.
flawed=''
if tw_is_uml "$kernel"; then
	# shellcheck source=selftests/vm/guest/uml.sh
	. "$TW_VM/guest/uml.sh"
elif tw_is_arm64 "$kernel"; then
	# shellcheck source=selftests/vm/guest/qemu_arm64.sh
	. "$TW_VM/guest/qemu_arm64.sh"
else
	# shellcheck source=selftests/vm/guest/qemu.sh
	. "$TW_VM/guest/qemu.sh"
fi

# Prints the output of the command without the last line, which has its status.
pass_on() {
	local mark='tw-guest-exit: \([0-9]*\)$'

	sed -u -n -e "/$mark/{h;s/.*$mark/\1/w $tmp/status" \
		-e "g;s/$mark//;/^$/d};p" <"$tmp/output" | tee -a "$log"
}

# If too many guests run at a time, they are so slow that their time limits end them. So
# two per processor run, and others wait. $turn is the number of this one's place.
turn=0
wait_for_turn() {
	local i slots=$((2 * $(nproc))) said=''

	mkdir -p "$TW_CACHE/locks"
	while :; do
		for ((i = 0; i < slots; i++)); do
			exec {slot}>"$TW_CACHE/locks/guest-$i"
			turn=$i
			! flock -n "$slot" || return 0
			exec {slot}>&-
		done
		[ -n "$said" ] || say "run.sh: waiting: $slots guests are running"
		said=1
		sleep 0.5
	done
}
[ -n "$shell" ] || wait_for_turn

mkfifo "$tmp/output"
reader=''
if [ -z "$shell" ]; then
	pass_on &
	reader=$!
	# Held open, so that a second boot can use the same reader.
	exec {hold}>"$tmp/output"
fi
start_guest
watcher=''
[ -z "$flawed" ] || {
	end_if_stuck &
	watcher=$!
}
ended=0
wait "$guest" 2>/dev/null || ended=$?
if [ -n "$watcher" ]; then
	kill "$watcher" 2>/dev/null || :
	if start_again; then
		ended=0
		wait "$guest" 2>/dev/null || ended=$?
	fi
fi
guest=''
[ -z "$reader" ] || {
	exec {hold}>&-
	wait "$reader" || :
}

tr -d '\r' <"$log.console" >"$tmp/console"
rm -f "$log.console"
printf '\n==== kernel log of %s ====\n' "$(cat "$kdir/release")" >>"$log"
cat "$tmp/console" >>"$log"

# Keeps the log of a failure.
keep_log() {
	[ -z "$keep" ] || return 0
	keep=$TW_CACHE/logs/run-$kernel-$$.log
	mkdir -p "$TW_CACHE/logs"
	cp "$log" "$keep"
}

harness_failed() {
	keep_log
	failed "$*, see $keep"
}

# The part of the kernel log that is judged. User-mode Linux frees memory on a processor
# that is not online yet; kmemleak passes this to RCU, and RCU complains. So the log of
# User-mode Linux is judged from its first process on. Nothing of ours runs before.
judged() {
	if tw_is_uml "$kernel" && grep -q 'Run /init as init' "$tmp/console"; then
		sed '1,/Run \/init as init/d'
	else
		cat
	fi
}

# shellcheck source=selftests/vm/guest/complaints.sh
. "$TW_VM/guest/complaints.sh"
if [ -n "$flawed" ] && emulator_failed; then
	keep_log
	say "run.sh: $kernel: QEMU has failed the guest, see $keep"
	exit 123
fi
if complaints=$(judged <"$tmp/console" | tw_complaints "$allow"); then
	head -n 12 <<<"$complaints" | sed 's/^/    /' >&2
	harness_failed "the kernel complained"
fi
[ -z "$shell" ] || exit 0
if [ ! -s "$tmp/status" ]; then
	case $ended in
	137) harness_failed "no end within $limit s" ;;
	*)
		head -n 3 "$tmp/vm" >&2
		harness_failed "the guest ended without a status"
		;;
	esac
fi
status=$(tail -n 1 "$tmp/status")
exit "$status"
