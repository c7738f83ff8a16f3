# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Running a guest in User-mode Linux: a program of this machine, at native speed.
# Sourced by run.sh, whose variables it reads: kdir, mem, smp, limit, log, append,
# icount, shell, tmp.

# start_guest: in the background, its pid in $guest
start_guest() {
	local args input=null

	[ -z "$shell" ] || input=fd:0
	# Plain time travel: a program that waits for a clock in a loop would wait
	# for ever with inf-cpu, where time stands still while anything runs.
	args=("mem=$mem" "initrd=$tmp/initramfs" seccomp=on con=null
		stderr=1 console=stderr console=ttyS0 ssl0=null,fd:2 "ssl1=$input,fd:1" $CMDLINE $append)
	[ -z "$icount" ] || args+=(time-travel)
	grep -qx CONFIG_SMP=y "$kdir/config" && args+=("ncpus=$smp")
	if [ -n "$shell" ]; then
		timeout --foreground -s KILL "$limit" "$kdir/linux" \
			"${args[@]}" 2>>"$log.console" <&0 &
	else
		# It ignores SIGTERM.
		timeout -s KILL "$limit" "$kdir/linux" "${args[@]}" \
			2>>"$log.console" </dev/null >"$tmp/output" &
	fi
	guest=$!
	: >"$tmp/vm"
}

start_again() {
	return 1
}
