# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Running a guest in QEMU. Sourced by run.sh, whose variables it reads: kernel,
# kdir, mem, smp, limit, log, append, icount, parallel, shell, firmware, tmp, ended. It sets
# flawed.

# Firmware that asks for signatures.
TW_OVMF=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd

# With icount the time stamp counter has one tick per nanosecond.
tsc_khz() {
	local program=$TW_CACHE/tsc_khz

	if [ -n "$icount" ]; then
		echo 1000000
		return
	fi
	if [ ! "$program" -nt "$TW_VM/guest/tsc_khz.c" ]; then
		gcc -O2 -o "$tmp/tsc_khz" "$TW_VM/guest/tsc_khz.c" &&
			mv "$tmp/tsc_khz" "$program" || return
	fi
	"$program"
}

# start_qemu ACCELERATOR-ARGUMENT...: in the background, its pid in $guest.
start_qemu() {
	local image=$kdir/vmlinux cmdline serials args

	[ -e "$image" ] || image=$kdir/kernel
	if [ ${#firmware[@]} -gt 0 ]; then
		image=${firmware[0]}
		cp "${firmware[1]}" "$tmp/variables"
		set -- "$@" -machine q35,smm=on \
			-global driver=cfi.pflash01,property=secure,value=on \
			-drive "if=pflash,unit=0,format=raw,readonly=on,file=$TW_OVMF" \
			-drive "if=pflash,unit=1,format=raw,file=$tmp/variables"
	fi
	serials=(-chardev "file,id=kernel,path=$log.console")
	if [ -n "$shell" ]; then
		serials+=(-chardev "stdio,id=command,signal=off")
	else
		serials+=(-chardev "stdio,id=command")
	fi
	serials+=(-serial chardev:kernel -serial chardev:command)
	cmdline="console=ttyS0 softlockup_panic=1 nmi_watchdog=0 $CMDLINE"
	# Tell the guest the frequency of its clock: when it measured that itself
	# on a busy host, it was wrong by a factor of ten. Mitigations protect
	# nothing here and cost much in emulation.
	cmdline+=" tsc=reliable tsc_early_khz=$(tsc_khz) no_timer_check"
	# The emulator translates code once for each address that it runs at. A program
	# that is always at the same one costs a third less.
	cmdline+=" mitigations=off nokaslr norandmaps"
	# To learn how fast the local timer is the kernel reads another clock in a loop for a
	# tenth of a second, which is long where each instruction is a nanosecond. The HPET
	# says how fast it is.
	[ -z "$icount" ] || cmdline+=" nolapic_timer"
	cmdline+=" $append"
	# shellcheck disable=SC2054 # the commas are QEMU's
	args=("$@" -nodefaults -no-user-config -no-reboot -display none
		-m "$mem" -kernel "$image" -initrd "$tmp/initramfs"
		-append "$cmdline" "${serials[@]}"
		-device isa-debug-exit,iobase=0xf4,iosize=1
		-d cpu_reset -D "$tmp/resets")
	if [ -n "$shell" ]; then
		timeout --foreground -s KILL "$limit" \
			qemu-system-x86_64 "${args[@]}" 2>"$tmp/vm" <&0 &
	else
		timeout -s KILL "$limit" qemu-system-x86_64 "${args[@]}" \
			2>"$tmp/vm" </dev/null >"$tmp/output" &
	fi
	guest=$!
}

# On some machines /dev/kvm opens, but virtual machines hang. So KVM is used only if the
# processor has the feature, and if the guest's kernel prints something soon.
kvm_works() {
	[ -z "$icount" ] && [ -w /dev/kvm ] &&
		grep -qE '^flags.*\b(vmx|svm)\b' /proc/cpuinfo
}

first_line_comes() {
	local i

	for ((i = 0; i < 300; i++)); do
		[ ! -s "$log.console" ] || return 0
		kill -0 "$guest" 2>/dev/null || return 1
		sleep 0.2
	done
	return 1
}

# start_guest: by KVM where it works, else emulated
start_guest() {
	local threads=single cpu="max,la57=off,smap=off,smep=off"

	# Copying by one instruction (erms) is slow in emulation. Where fsrm is there, 6.1
	# takes it for granted that erms is too, and hangs (arch/x86/lib/memmove_64.S). QEMU
	# 10 has fsrm, 7.2 has not.
	cpu+=",erms=off,fsrm=off"
	command -v qemu-system-x86_64 >/dev/null ||
		failed "there is no qemu-system-x86_64"
	[ -z "$parallel" ] || threads=multi
	tcg=(-accel "tcg,thread=$threads" -cpu "$cpu" -smp "$smp")
	[ -z "$icount" ] || tcg=(-accel "tcg,thread=single"
		-cpu "$cpu" -smp 1 -icount "shift=0,sleep=off")
	if kvm_works; then
		start_qemu -accel kvm -cpu host -smp "$smp"
		! first_line_comes || return 0
		say "run.sh: KVM does not work here, emulating"
		kill -TERM "$guest" 2>/dev/null || :
		wait "$guest" 2>/dev/null || :
	fi
	flawed=$parallel
	start_qemu "${tcg[@]}"
}

# With a thread for each processor QEMU sometimes executes code that another processor has
# patched since: an int3 whose handler finds nobody who patches, a jump to 0, a hang. A guest
# that toggles a static key of the scheduler all the time dies of it within a minute or two, by
# QEMU 7.2 and by 10.0. It does not happen if the processors take turns.

has_init() {
	grep -q 'Run /init as init process' "$log.console"
}

# end_if_stuck: ends the guest if its kernel does not get as far as its first process, which
# takes a few seconds of a processor.
end_if_stuck() {
	local i

	for ((i = 0; i < ${TW_BOOT_LIMIT:-300}; i++)); do
		! has_init || return 0
		sleep 1
	done
	while kill -0 "$guest" 2>/dev/null; do
		pkill -KILL -P "$guest" || :
		sleep 0.2
	done
}

# start_again: boots once more if the kernel died or hung before its first process. Nothing of
# ours had run then. Status 1 if it died later.
start_again() {
	! has_init || return 1
	say "run.sh: $kernel did not get as far as /init, booting it once more:"
	{ grep -E 'Oops|BUG:|Kernel panic' "$log.console" || tail -n 1 "$log.console"; } |
		head -n 3 >&2 || :
	mv "$log.console" "$log.first-boot"
	: >"$log.console"
	start_qemu "${tcg[@]}"
}

# emulator_failed: whether QEMU has failed a guest that had its first process: the kernel met an
# int3 in its own code (not in a module, nor in freed memory), or the guest was reset and the
# kernel had no complaint. Then the log has in which state the processors were.
emulator_failed() {
	local function='RIP: [0-9]+:[A-Za-z0-9_.]+\+0x[0-9a-f]+/0x[0-9a-f]+$'

	if grep -A 5 'int3: 0000 \[#1\]' "$tmp/console" | grep -m 1 'RIP:' | grep -qE "$function"
	then
		return 0
	fi
	[ ! -s "$tmp/status" ] && [ "$ended" = 0 ] &&
		! tw_complaints "$allow" <"$tmp/console" >/dev/null || return 1
	{
		printf '\n==== resets of the processors ====\n'
		tail -n 60 "$tmp/resets"
	} >>"$log"
}
