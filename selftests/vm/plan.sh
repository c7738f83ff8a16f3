# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Which test programs run on which kernel. The head of a program says what it needs.
# Sourced.
#
#	# kernels: all		it tests a rule of the kernel, or an interface whose
#				form differs: it runs on each Debian kernel
#	# kernels: newest	it tests our own arithmetic, the same code on each
#				kernel: it runs on the newest only
#	# kernels: debug	only on the kernel with the sanitizers
#	# on all kernels: S,...	subtests of such a program that run on each kernel
#	# on the oldest kernel: S,...	subtests of such a program that take long: what they
#				test is the same on each kernel, but the tables that it
#				reads have changed
#	# debug: all | S,...	subtests that also run with the sanitizers: races,
#				things that come and go
#
# A program that takes what not each machine has says `needs WORD...`, which skips it where
# this is missing; lib/needs.sh explains the words. The harness reads that line all the
# same: what is missing on one kernel is to run on another one, and not to be skipped.

TW_TESTS=$TW_TOP/selftests

# head_says PROGRAM KEY
head_says() {
	sed -n "/^[^#]/q; s/^# $2: //p" "$TW_TESTS/$1.sh"
}

# needs PROGRAM [WORD]: whether it takes that; without WORD, prints all words
needs() {
	local words

	words=$(sed -n 's/^needs //p' "$TW_TESTS/$1.sh")
	[ $# -gt 1 ] || { printf '%s\n' "$words"; return; }
	[[ " $words " == *" $2 "* ]]
}

# True if User-mode Linux as we build it has not what a program needs.
uml_lacks() {
	needs "$1" probe || needs "$1" schedstat || needs "$1" cgroups ||
		needs "$1" suspend
}

# True if it needs programs that only steps of their own put into a guest.
needs_programs() {
	needs "$1" tracers || needs "$1" servers || needs "$1" fleet || needs "$1" python
}

# True if it does not run where time counts instructions.
needs_real_time() {
	needs "$1" parallel || needs "$1" suspend
}

all_programs() {
	(cd "$TW_TESTS" && grep -l '^# kernels: ' -- *.sh) | sed 's/\.sh$//'
}

# spec PROGRAM SUBTESTS: as run_all.sh takes it
spec() {
	case $2 in
	'') ;;
	all) printf '%s\n' "$1" ;;
	*) printf '%s:%s\n' "$1" "$2" ;;
	esac
}

# also_on KERNEL PROGRAM: the subtests of a program for the newest kernel that run there too
also_on() {
	local all oldest=

	all=$(head_says "$2" 'on all kernels')
	tw_kernels
	[ "$1" != "${TW_KERNELS[0]}" ] || oldest=$(head_says "$2" 'on the oldest kernel')
	printf '%s\n' "$all${all:+${oldest:+,}}$oldest"
}

# Programs for the emulated Debian kernel K whose time counts instructions. The newest
# one has those of `native` too that User-mode Linux cannot run, or all of them where it
# does not run.
plan_tests() {
	local k=$1 p

	for p in $(all_programs); do
		! needs_real_time "$p" && ! needs_programs "$p" || continue
		case $(head_says "$p" kernels) in
		all) spec "$p" all ;;
		newest)
			if { [ -n "${TW_NO_UML:-}" ] || uml_lacks "$p"; } &&
				[ "$k" = "$(tw_newest_kernel)" ]; then
				spec "$p" all
			else
				spec "$p" "$(also_on "$k" "$p")"
			fi ;;
		esac
	done
}

# Tests of things that happen at the same time, or take their time, on Debian's kernel K.
plan_races() {
	local k=$1 p

	for p in $(all_programs); do
		needs_real_time "$p" || continue
		case $(head_says "$p" kernels) in
		all) spec "$p" all ;;
		newest) [ "$k" != "$(tw_newest_kernel)" ] || spec "$p" all ;;
		esac
	done
}

# on_uml KERNELS: the programs with these in their heads that uml-time can run
on_uml() {
	local p

	for p in $(all_programs); do
		! uml_lacks "$p" && ! needs_programs "$p" && ! needs "$p" parallel ||
			continue
		[ "$(head_says "$p" kernels)" != "$1" ] || spec "$p" all
	done
}

# Tests on uml-time: the newest kernel at native speed, where time travels.
plan_native() {
	on_uml newest
}

# For the first answer after an edit: the rules of the kernel there too.
plan_rules() {
	on_uml all
}

# left_out_of_quick: the programs that then run nowhere, each with the reason
left_out_of_quick() {
	local p

	for p in $(all_programs); do
		if needs "$p" parallel; then
			printf '%s needs processors that run at the same time\n' "$p"
		elif needs "$p" faults || uml_lacks "$p"; then
			printf '%s needs %s, which this User-mode Linux has not\n' \
				"$p" "$(needs "$p")"
		fi
	done
}

# With the sanitizers.
plan_checked() {
	local kernel=$1 p

	for p in $(all_programs); do
		[ "$kernel" != uml-debug ] || ! uml_lacks "$p" || continue
		case $(head_says "$p" kernels) in
		debug) spec "$p" all ;;
		*) spec "$p" "$(head_says "$p" debug)" ;;
		esac
	done
}

# Of these the ones that need one processor only ...
plan_debug() {
	local s

	for s in $(plan_checked "$1"); do
		needs "${s%%:*}" parallel || printf '%s\n' "$s"
	done
}

# ... and those that need two.
plan_debug_races() {
	local s

	for s in $(plan_checked "$1"); do
		! needs "${s%%:*}" parallel || printf '%s\n' "$s"
	done
}

# Where the kernel complains of what may sleep in the probes' handlers.
plan_probes() {
	local p

	for p in $(all_programs); do
		! needs "$p" probe || needs_programs "$p" || spec "$p" all
	done
}
