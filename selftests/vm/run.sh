#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh --kernel K [OPTION...] -- COMMAND [ARG...]: boots a guest of kernel K and
# runs COMMAND in it as root. COMMAND's output is run.sh's, its exit status too.
#	--kernel K	one of the kernels that kernels.sh knows
#	--add DIR	lay the content of DIR over the guest's root (repeatable)
#	--module FILE	put FILE.ko where the guest's modprobe finds it (repeatable)
#	--smp N		processors (2)
#	--mem M		memory, in QEMU's notation (1536M)
#	--timeout S	seconds after which the guest is ended (300)
#	--log FILE	keep output and kernel log there, also while it runs:
#			FILE.console is the kernel log until the end
#	--append ARGS	more for the kernel's command line
#	--icount	guest time counts instructions: one processor, waits are
#			free, the same work takes the same time
#	--parallel	the processors really run at the same time, each in a thread
#			of its own. Without it they take turns in one, which is
#			quicker where guests share the host, and safer (see below)
#	--allow REGEX	kernel log lines that match are no complaint
#	--shell		an interactive shell on this terminal; COMMAND comes first
# 125 says that no status came back (time limit, panic, ...) or that the kernel
# complained: stderr has the reason.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

usage() {
	die "usage: run.sh --kernel K [OPTION...] -- COMMAND [ARG...]; see its head"
}

kernel='' smp=2 mem=1536M limit=300 log='' append='' allow=''
icount='' parallel='' shell=''
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

command -v qemu-system-x86_64 >/dev/null || failed "there is no qemu-system-x86_64"
kdir=$("$TW_VM/kernels.sh" "$kernel" | tail -n 1) || failed "no kernel"
base=$("$TW_VM/initramfs.sh" "$kernel" | tail -n 1) || failed "no initramfs"
image=$kdir/vmlinux
[ -e "$image" ] || image=$kdir/kernel

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-run.XXXXXX")
qemu=''
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	[ -z "$qemu" ] || kill -TERM "$qemu" 2>/dev/null || :
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Counted time has a counter of one tick per nanosecond.
tsc_khz() {
	local program=$TW_CACHE/tsc_khz

	if [ -n "$icount" ]; then
		echo 1000000
		return
	fi
	if [ ! "$program" -nt "$TW_VM/tsc_khz.c" ]; then
		gcc -O2 -o "$tmp/tsc_khz" "$TW_VM/tsc_khz.c" &&
			mv "$tmp/tsc_khz" "$program" || return
	fi
	"$program"
}

# Archives one after another are one initramfs.
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
	cp "${kos[@]}" "$extra/"
fi
{
	cat "$base"
	for d in "${adds[@]}"; do
		[ -d "$d" ] || failed "--add $d: no such folder"
		segment "$d"
	done
	segment "$tmp/own"
} >"$tmp/initramfs" || failed "cannot write the initramfs in $tmp"

# Without --log a log is kept only when the harness has failed.
keep=$log
log=${log:-$tmp/log}
: >"$log"
: >"$log.console"
serials=(-chardev "file,id=kernel,path=$log.console")
if [ -n "$shell" ]; then
	serials+=(-chardev "stdio,id=command,signal=off")
else
	serials+=(-chardev "stdio,id=command")
fi
serials+=(-serial chardev:kernel -serial chardev:command)

cmdline="console=ttyS0 panic=-1 panic_on_warn=1 oops=panic softlockup_panic=1"
cmdline+=" nmi_watchdog=0 hung_task_panic=1 printk.time=1 loglevel=7"
# The guest's clock is that of the emulation, however busy the host is, and the
# guest is told how fast it goes: what it measured itself was seen to be wrong by
# a factor of ten. The mitigations guard nothing here and cost much in emulation.
cmdline+=" tsc=reliable tsc_early_khz=$(tsc_khz) no_timer_check"
cmdline+=" mitigations=off nokaslr"
cmdline+=" $append"

# boot ACCELERATOR-ARGS...: runs QEMU in the background, its pid in $qemu.
boot() {
	# shellcheck disable=SC2054 # the commas are QEMU's
	args=("$@" -nodefaults -no-user-config -no-reboot -display none
		-m "$mem" -kernel "$image" -initrd "$tmp/initramfs"
		-append "$cmdline" "${serials[@]}"
		-device isa-debug-exit,iobase=0xf4,iosize=1)
	if [ -n "$shell" ]; then
		timeout --foreground -s KILL "$limit" \
			qemu-system-x86_64 "${args[@]}" 2>"$tmp/qemu" <&0 &
	else
		timeout -s KILL "$limit" qemu-system-x86_64 "${args[@]}" \
			2>"$tmp/qemu" </dev/null >"$tmp/output" &
	fi
	qemu=$!
}

# Passes on what the command says, all but the last line with its status.
pass_on() {
	local mark='tw-guest-exit: \([0-9]*\)$'

	sed -u -n -e "/$mark/{h;s/.*$mark/\1/w $tmp/status" \
		-e "g;s/$mark//;/^$/d};p" <"$tmp/output" | tee -a "$log"
}

# /dev/kvm may open where virtual machines hang: it counts only when the
# processor says so, and when the kernel says something soon.
kvm_works() {
	[ -z "$icount" ] && [ -w /dev/kvm ] &&
		grep -qE '^flags.*\b(vmx|svm)\b' /proc/cpuinfo
}

first_line_comes() {
	local i

	for ((i = 0; i < 50; i++)); do
		[ ! -s "$log.console" ] || return 0
		kill -0 "$qemu" 2>/dev/null || return 1
		sleep 0.2
	done
	return 1
}

# With a thread per processor QEMU 7.2 now and then runs code that another one has
# patched meanwhile: an int3 whose handler finds it gone (a static key, at boot), a
# jump to 0 (a probe). Nothing is seen of it with processors that take turns.
threads=single
[ -z "$parallel" ] || threads=multi
tcg=(-accel "tcg,thread=$threads" -cpu "max,la57=off" -smp "$smp")
[ -z "$icount" ] || tcg=(-accel "tcg,thread=single" -cpu "max,la57=off"
	-smp 1 -icount "shift=0,sleep=off")

# More guests at a time than the machine has processors for only slow each other
# down until their time limits end them: two per processor run, others wait.
wait_for_turn() {
	local i slots=$((2 * $(nproc))) said=''

	mkdir -p "$TW_CACHE/locks"
	while :; do
		for ((i = 0; i < slots; i++)); do
			exec {slot}>"$TW_CACHE/locks/guest-$i"
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
	# Held open so that a second try meets the same reader.
	exec {hold}>"$tmp/output"
fi
if kvm_works; then
	boot -accel kvm -cpu host -smp "$smp"
	first_line_comes || {
		say "run.sh: KVM does not work here, emulating"
		kill -TERM "$qemu" 2>/dev/null || :
		wait "$qemu" 2>/dev/null || :
		boot "${tcg[@]}"
	}
else
	boot "${tcg[@]}"
fi

ended=0
wait "$qemu" 2>/dev/null || ended=$?
# What ends before its first process has run nothing of ours: that flaw of QEMU.
if [ -n "$parallel" ] &&
	! grep -q 'Run /init as init process' "$log.console"; then
	say "run.sh: $kernel did not get as far as /init, booting it once more:"
	grep -E 'Oops|BUG:|Kernel panic' "$log.console" | head -n 3 >&2 || :
	: >"$log.console"
	ended=0
	boot "${tcg[@]}"
	wait "$qemu" 2>/dev/null || ended=$?
fi
qemu=''
[ -z "$reader" ] || {
	exec {hold}>&-
	wait "$reader" || :
}

tr -d '\r' <"$log.console" >"$tmp/console"
rm -f "$log.console"
printf '\n==== kernel log of %s ====\n' "$(cat "$kdir/release")" >>"$log"
cat "$tmp/console" >>"$log"

# Whatever went wrong, its log is named and kept.
harness_failed() {
	if [ -z "$keep" ]; then
		keep=$TW_CACHE/logs/run-$kernel-$$.log
		mkdir -p "$TW_CACHE/logs"
		cp "$log" "$keep"
	fi
	failed "$*, see $keep"
}

# shellcheck source=complaints.sh
. "$TW_VM/complaints.sh"
if complaints=$(tw_complaints "$allow" <"$tmp/console"); then
	head -n 12 <<<"$complaints" | sed 's/^/    /' >&2
	harness_failed "the kernel complained"
fi
[ -z "$shell" ] || exit 0
if [ ! -s "$tmp/status" ]; then
	case $ended in
	137) harness_failed "no end within $limit s" ;;
	*)
		head -n 3 "$tmp/qemu" >&2
		harness_failed "the guest ended without a status"
		;;
	esac
fi
status=$(tail -n 1 "$tmp/status")
exit "$status"
