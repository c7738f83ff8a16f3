# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Running an arm64 guest in QEMU. Sourced by run.sh, whose variables it reads: kdir, mem,
# smp, limit, log, append, icount, parallel, shell, tmp.

# start_guest: in the background, its pid in $guest. Always emulated.
start_guest() {
	local threads=single args cpus=$smp

	[ -z "$shell" ] || failed "no shell on an arm64 guest"
	[ -z "$parallel" ] || threads=multi
	args=(-M virt -cpu cortex-a57 -accel "tcg,thread=$threads")
	if [ -n "$icount" ]; then
		args+=(-icount "shift=0,sleep=off")
		cpus=1
	fi
	# shellcheck disable=SC2054 # the commas are QEMU's
	args+=(-smp "$cpus" -m "$mem" -nodefaults -no-user-config -no-reboot
		-display none -kernel "$kdir/kernel" -initrd "$tmp/initramfs"
		-append "console=ttyAMA0 softlockup_panic=1 $CMDLINE $append"
		-serial "file:$log.console"
		-chardev "stdio,id=command,signal=off"
		-device pci-serial,chardev=command)
	timeout -s KILL "$limit" qemu-system-aarch64 "${args[@]}" \
		2>"$tmp/vm" </dev/null >"$tmp/output" &
	guest=$!
}
