# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Which test programs run on which kernel. The head of a program says what it needs.
# Sourced.
#
#	# kernels: all		it runs on each Debian kernel
#	# kernels: rules	it tests a rule of the kernel, or reads a structure whose
#				form differs: it runs on each Debian kernel that has rules
#				of its own
#	# kernels: ends		it rests on the kernel, but on nothing in which kernels
#				differ: it runs on the oldest and the newest
#	# kernels: newest	it tests our own arithmetic, the same code on each
#				kernel: it runs on the newest only
#	# kernels: debug	only on the kernel with the sanitizers
#	# on all kernels: S,...	subtests of such a program that run on each kernel
#	# on the oldest kernel: S,...	subtests of such a program that take long: what they
#				test is the same on each kernel, but the tables that it
#				reads have changed
#	# debug: all | S,...	subtests that also run with the sanitizers: races,
#				things that come and go
#	# probe: S,...		subtests that need the return probe, of a program that does
#				not
#
# A program that takes what not each machine has says `needs WORD...`, which skips it where
# this is missing; lib/needs.sh explains the words. The harness reads that line all the
# same: what is missing on one kernel is to run on another one, and not to be skipped.

TW_TESTS=$TW_TOP/selftests

# The programs, and what their heads say: HEADS["PROGRAM KEY"], and HEADS["PROGRAM needs"].
# They are read once: a plan asks for them hundreds of times.
PROGRAMS=()
declare -A HEADS=()
while IFS=$'\t' read -r program key value; do
	[ "$key" != kernels ] || PROGRAMS+=("$program")
	HEADS[$program $key]=$value
done < <(cd "$TW_TESTS" && awk '
	FNR == 1 {
		program = FILENAME
		gsub(/^\.\/|\.sh$/, "", program)
		in_head = 1
	}
	/^[^#]/ { in_head = 0 }
	in_head && /^# [a-z ]+: / {
		key = substr($0, 3, index($0, ":") - 3)
		print program "\t" key "\t" substr($0, length(key) + 5)
	}
	/^needs / { print program "\tneeds\t" substr($0, 7) }' ./*.sh)

# head_says PROGRAM KEY
head_says() {
	printf '%s\n' "${HEADS[$1 $2]-}"
}

# kernels_of PROGRAM: what its head says. A word that is none would run it nowhere.
kernels_of() {
	local kernels

	kernels=$(head_says "$1" kernels)
	case $kernels in
	all | rules | ends | newest | debug) printf '%s\n' "$kernels" ;;
	*) die "$1.sh says 'kernels: $kernels', which plan.sh does not know" ;;
	esac
}

# needs PROGRAM [WORD]: whether it takes that; without WORD, prints all words
needs() {
	[ $# -gt 1 ] || { head_says "$1" needs; return; }
	[[ " ${HEADS[$1 needs]-} " == *" $2 "* ]]
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

# spec PROGRAM SUBTESTS: as run_all.sh takes it
spec() {
	case $2 in
	'') ;;
	all) printf '%s\n' "$1" ;;
	*) printf '%s:%s\n' "$1" "$2" ;;
	esac
}

# has_rules KERNEL: false if connect() and bind() of another kernel that is tested have the
# same rules. Those of 7.2 are those of 7.3.
has_rules() {
	[ "$1" != 7.2 ] || [ "$(tw_newest_kernel)" != 7.3 ]
}

# is_an_end KERNEL: true for the oldest, the newest, and those that stand for themselves:
# newer than the tested ones, or of another kind
is_an_end() {
	tw_kernels
	[ "$1" = "${TW_KERNELS[0]}" ] || [ "$1" = "$(tw_newest_kernel)" ] ||
		tw_is_new "$1" || [[ $1 = *-* ]]
}

# runs_whole KERNELS KERNEL: true if a program with that in its head runs there with all of
# its subtests. With TW_WHOLE=1 it is the only one that is tested.
runs_whole() {
	case $1 in
	all) ;;
	rules) [ -n "${TW_WHOLE:-}" ] || has_rules "$2" ;;
	ends) [ -n "${TW_WHOLE:-}" ] || is_an_end "$2" ;;
	*) return 1 ;;
	esac
}

# also_on KERNEL PROGRAM: the subtests of another program that run there too
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
	local k=$1 p kernels

	for p in "${PROGRAMS[@]}"; do
		! needs_real_time "$p" && ! needs_programs "$p" || continue
		kernels=$(kernels_of "$p") || return
		if runs_whole "$kernels" "$k"; then
			spec "$p" all
		elif [ "$kernels" = newest ] && [ "$k" = "$(tw_newest_kernel)" ] &&
			{ [ -n "${TW_NO_UML:-}" ] || uml_lacks "$p"; }; then
			spec "$p" all
		elif [ "$kernels" != debug ]; then
			spec "$p" "$(also_on "$k" "$p")"
		fi
	done
}

# Tests of things that happen at the same time, or take their time, on Debian's kernel K.
plan_races() {
	local k=$1 p kernels

	for p in "${PROGRAMS[@]}"; do
		needs_real_time "$p" || continue
		kernels=$(kernels_of "$p") || return
		! runs_whole "$kernels" "$k" || spec "$p" all
		[ "$kernels" != newest ] || [ "$k" != "$(tw_newest_kernel)" ] || spec "$p" all
	done
}

# programs_with SET: those that need these programs of Debian in their guest
programs_with() {
	local p

	for p in "${PROGRAMS[@]}"; do
		! needs "$p" "$1" || printf '%s\n' "$p"
	done
}

# plan_programs SET KERNEL: uml-time has all subtests but those that need the probe. These are
# for the newest kernel. A kernel that is tested alone has all, and so has the newest where
# User-mode Linux does not run.
plan_programs() {
	local p probe also newest=''

	[ "$2" != "$(tw_newest_kernel)" ] || newest=1
	for p in $(programs_with "$1"); do
		probe=$(head_says "$p" probe)
		also=$(also_on "$2" "$p")
		if [ "$2" = uml-time ]; then
			needs "$p" probe || spec "$p" "$(all_but "$p" "$probe")"
		elif [ -n "${TW_WHOLE:-}" ]; then
			spec "$p" all
		elif [ -z "$newest" ]; then
			spec "$p" "$also"
		elif [ -n "${TW_NO_UML:-}" ] || needs "$p" probe; then
			spec "$p" all
		else
			spec "$p" "$probe${also:+${probe:+,}$also}"
		fi
	done
}

# all_but PROGRAM SUBTESTS
all_but() {
	bash "$TW_TESTS/$1.sh" --list 2>/dev/null | while read -r s; do
		[[ ,$2, == *,$s,* ]] || printf '%s\n' "$s"
	done | paste -sd,
}

# named <SPECS: the same with the names of the subtests. A guest would run each program once
# more to learn them. One that does not tell them fails in the guest.
named() {
	local s all

	while read -r s; do
		case $s in
		*:*) printf '%s\n' "$s" ;;
		*)
			all=$(all_but "$s" '')
			spec "$s" "${all:-all}" ;;
		esac
	done
}

# on_uml KERNELS...: the programs with one of these in their heads that uml-time can run
on_uml() {
	local p

	for p in "${PROGRAMS[@]}"; do
		! uml_lacks "$p" && ! needs_programs "$p" && ! needs "$p" parallel ||
			continue
		! tw_is_one_of "$(head_says "$p" kernels)" "$@" || spec "$p" all
	done
}

# Tests on uml-time: the newest kernel at native speed, where time travels. What runs on all
# kernels has there the length that it should have. In the whole check the kernel's own runner
# runs these (intree.sh).
plan_native() {
	on_uml newest all
}

# For the first answer after an edit, beside `native`: the rules of the kernel there too.
plan_rules() {
	on_uml rules ends
}

# left_out_of_quick: the programs that then run nowhere, each with the reason
left_out_of_quick() {
	local p

	for p in "${PROGRAMS[@]}"; do
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

	for p in "${PROGRAMS[@]}"; do
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

	for p in "${PROGRAMS[@]}"; do
		! needs "$p" probe || needs_programs "$p" || spec "$p" all
	done
}
