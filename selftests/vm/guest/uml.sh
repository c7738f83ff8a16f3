# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Running a guest in User-mode Linux: a program of this machine, at native speed.
# Sourced by run.sh, whose variables it reads: kdir, mem, smp, limit, log, append,
# icount, shell, tmp, turn, image.

# start_guest: in the background, its pid in $guest
start_guest() {
	local args input=null pin=()

	[ -z "$shell" ] || input=fd:0
	# Not inf-cpu: there time stands still while a process runs, so a program
	# that waits for a clock in a loop would wait for ever.
	# The kernel's console is standard error at once, and from its driver's
	# initcall on by way of the first serial line.
	# shellcheck disable=SC2054,SC2206 # commas and words are those of a command line
	args=("mem=$mem" "initrd=$tmp/initramfs" seccomp=on con=null
		stderr=1 console=stderr console=ttyS0 ssl0=null,fd:2
		"ssl1=$input,fd:1" $CMDLINE $append)
	[ -z "$icount" ] || args+=(time-travel)
	if grep -qx CONFIG_SMP=y "$kdir/config"; then
		args+=("ncpus=$smp")
	else
		# The kernel and its processes take turns. A switch on one processor
		# is several times as fast as one between two.
		pin=(taskset -c "$((turn % $(nproc)))")
	fi
	if [ -n "$shell" ]; then
		timeout --foreground -s KILL "$limit" \
			"${pin[@]}" "${image:-$kdir/linux}" "${args[@]}" 2>>"$log.console" <&0 &
	else
		# It ignores SIGTERM.
		timeout -s KILL "$limit" "${pin[@]}" "${image:-$kdir/linux}" \
			"${args[@]}" 2>>"$log.console" </dev/null >"$tmp/output" &
	fi
	guest=$!
	: >"$tmp/vm"
}
