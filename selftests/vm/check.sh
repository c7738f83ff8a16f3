#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh [KERNEL | quick | long]: runs all the tests, or those that need only KERNEL, or
# those that give the first answer after an edit, or those that take long and are not in
# the others. One step more than there are processors runs at a time, at most four. The
# last line is
# `N passed, N failed, N skipped`. The status is 0 if some tests passed and none failed.
#
# What cannot be had from outside today is a stated skip. With TW_COMPLETE=1, as for a
# release, it is a failure. What runs on a branch that is newer than the tested ones counts
# by itself.
#
# Output and logs of each step stay in the cache; the first line says where.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

[ $# -le 1 ] || die "usage: check.sh [KERNEL | quick | long]"
only=${1:-}
case $only in '' | quick | long) ;; *) tw_kernel_check "$only" ;; esac
# A kernel that is tested alone gets what several of them share, too.
case $only in '' | quick | long) ;; *) export TW_WHOLE=1 ;; esac
"$TW_VM/kernels/packages.sh"

logs=$TW_CACHE/logs/check${only:+-$only}
rm -rf "$logs"
mkdir -p "$logs"
say "logs: $logs"

note() {
	say "[$(tw_time)] $*"
}

# What kernels/ready.sh says: "used ..." and "left ..." lines
found=$logs/kernels
# Kernels of this run, oldest first; those of these that are newer than the tested ones;
# those that cannot be had, with the reason.
kernels=() new_kernels=()
declare -A left=()
# Why there is no kernel of our own, and the status of who tried to get it
own_left='' own_status=0
# What could not be had while we got ready
export TW_UNAVAILABLE=$logs/unavailable

# look_for [KERNEL...]: these kernels and their compilers; all if none is named
look_for() {
	local word k abi rest

	"$TW_VM/kernels/ready.sh" "$@" >"$found" || return
	while read -ru 3 word k abi rest; do
		if [ "$word" = left ]; then
			left[$k]="$abi $rest"
		elif got_compiler "$k" "$abi"; then
			kernels+=("$k")
			! tw_is_new "$k" || new_kernels+=("$k")
		fi
	done 3<"$found"
	[ ${#kernels[@]} -gt 0 ] || {
		say "${left[*]}"
		return 1
	}
}

# got_compiler KERNEL ABI: else the kernel is left. All steps will use that ABI.
got_compiler() {
	local status=0 why=$logs/compiler dir

	export "TW_KERNEL_${1//[.-]/_}=$2"
	dir=$("$TW_VM/kernels/kernels.sh" "$1")
	TW_UNAVAILABLE=$why "$TW_VM/kernels/toolchain.sh" "$(cat "$dir/toolchain")" >/dev/null ||
		status=$?
	[ $status != 0 ] || return 0
	[ $status = 4 ] || die "there is no compiler for $1"
	left[$1]=$(tail -n 1 "$why")
	return 1
}

# get_own: what was begun in the background, and the kernel with the sanitizers
get_own() {
	wait "$background" || return
	background=''
	[ "$only" != long ] || return 0
	if tw_uml_works; then
		export TW_CHECKS_KERNEL=uml-debug
	else
		say "User-mode Linux does not run here (see the log of" \
			"guest/run.sh --kernel uml-time -- true):" \
			"its programs run under emulation, slower"
		export TW_CHECKS_KERNEL=debug TW_NO_UML=1
	fi
	"$TW_VM/kernels/kernels.sh" "$TW_CHECKS_KERNEL" >/dev/null
}

# Gets what the steps need first. Our own kernels take longest, so the first of them is
# built while the others are fetched.
get_ready() {
	local own=1 status=0

	case $only in
	'' | quick | long) build_in_background uml-time ;;
	*) own='' ;;
	esac
	case $only in
	'')
		look_for || return
		export TW_RUN_KERNELS=${kernels[*]} ;;
	long) look_for "${TW_LONG_KERNELS[@]}" || return ;;
	quick) look_for "$(tw_newest_kernel)" || return ;;
	*) tw_is_own_kernel "$only" || look_for "$only" || return ;;
	esac
	[ -n "$own" ] || return 0
	get_own || status=$?
	case $status in
	0) return ;;
	4) own_left=$(tail -n 1 "$TW_UNAVAILABLE") ;;
	*) own_left="a kernel of our own was not built, see $TW_CACHE/logs" ;;
	esac
	own_status=$status
}

# build_in_background KERNEL: its process group is $background
background=''
build_in_background() {
	set -m
	"$TW_VM/kernels/kernels.sh" "$1" >/dev/null </dev/null &
	background=$!
	set +m
}

# The steps, each "NAME PROGRAM [ARGUMENT...]". The longest come first, so that none runs
# alone at the end.
steps=()
step() {
	steps+=("$*")
}

# own_step NAME PROGRAM...: a step that needs a kernel of our own
own_step() {
	[ -n "$own_left" ] || step "$@"
	[ -z "$own_left" ] || cannot_run "$1" "$own_status" "$own_left"
}

# cannot_run STEP STATUS REASON: it has failed, or is skipped because something from outside
# (status 4) is missing.
cannot_run() {
	if [ "$2" = 4 ] && [ -z "${TW_COMPLETE:-}" ]; then
		skipped=$((skipped + 1))
		echo "    $1: $3" >>"$logs/skipped"
	else
		failed=$((failed + 1))
		echo "  $1: $3" | tee -a "$logs/failed" >&2
	fi
}

# plan_check: the steps of the whole check
plan_check() {
	local i k newest uml=${TW_NO_UML:+no}

	newest=$(tw_newest_kernel)
	# The newest kernel has the most tests, one without rules of its own few.
	for ((i = ${#kernels[@]} - 1; i >= 0; i--)); do
		k=${kernels[i]}
		! has_rules "$k" || step "tests-$k" steps/tests.sh tests "$k"
	done
	step deb steps/deb.sh
	own_step debug steps/tests.sh debug "$TW_CHECKS_KERNEL"
	own_step debug-races steps/tests.sh debug_races "$TW_CHECKS_KERNEL"
	# intree has the unit tests and what is native, as the kernel's own tools run them.
	if [ -z "$uml" ]; then
		own_step intree steps/intree.sh
	else
		own_step kunit steps/kunit.sh
	fi
	step dkms steps/dkms.sh
	for k in "${kernels[@]}"; do
		has_rules "$k" || step "tests-$k" steps/tests.sh tests "$k"
		[ -z "$(plan_races "$k")" ] || step "races-$k" steps/tests.sh races "$k"
	done
	step hosts steps/hosts.sh
	step mirror steps/mirror.sh
	step headers steps/headers.sh
	if [ -z "$uml" ]; then
		own_step twstat-verify steps/programs.sh python uml-time
		own_step servers steps/programs.sh servers uml-time
	fi
	step "servers-$newest" steps/programs.sh servers
	own_step planted planted/run.sh
	step secureboot steps/secureboot.sh
	# Those that are new are built for their tests.
	step static steps/static.sh "${tested[@]}"
	for k in "${kernels[@]}"; do
		step "verify-$k" steps/programs.sh python "$k"
	done
	# The oldest and the newest kernel are enough for the tracers.
	for k in "${kernels[0]}" "$newest"; do
		step "tracers-$k" steps/tracers.sh "$k"
	done
	step style steps/style.sh
	step twstat steps/twstat.sh
	step rpm steps/rpm.sh
	step docs steps/docs.sh
	step fuzz ../fuzz/run.sh
}

plan() {
	local k uml=${TW_NO_UML:+no}

	case $only in
	quick)
		k=$(tw_newest_kernel)
		if [ -n "$uml" ]; then
			step "tests-$k" steps/tests.sh tests "$k"
		else
			own_step rules steps/tests.sh rules uml-time
		fi
		export TW_KUNIT_SLOW=no
		own_step kunit steps/kunit.sh
		if [ -z "$uml" ]; then
			own_step native steps/tests.sh native uml-time
			step left-out steps/left_out.sh
		fi
		step static steps/static.sh "$k"
		step twstat steps/twstat.sh
		return ;;
	long)
		own_step kcsan steps/kcsan.sh
		own_step probes-debug-rt steps/tests.sh probes debug-rt
		own_step variants steps/variants.sh
		for k in "${kernels[@]}"; do
			step "tests-$k" steps/tests.sh tests "$k"
			step "races-$k" steps/tests.sh races "$k"
		done
		step "fleet-$(tw_newest_kernel)" steps/programs.sh fleet
		step report steps/report.sh
		step piuparts steps/piuparts.sh
		return ;;
	debug | uml-debug)
		export TW_CHECKS_KERNEL=$only
		step debug steps/tests.sh debug "$only"
		step debug-races steps/tests.sh debug_races "$only"
		step kunit steps/kunit.sh
		step planted planted/run.sh
		return ;;
	uml-time)
		step native steps/tests.sh native uml-time
		return ;;
	'')
		plan_check
		return ;;
	*)
		step "tests-$only" steps/tests.sh tests "$only"
		step static steps/static.sh "$only"
		step "races-$only" steps/tests.sh races "$only"
		step "tracers-$only" steps/tracers.sh "$only"
		step "servers-$only" steps/programs.sh servers "$only"
		step "verify-$only" steps/programs.sh python "$only"
		step "fleet-$only" steps/programs.sh fleet "$only" ;;
	esac
}

passed=0 failed=0 skipped=0 done_steps=0
declare -A running=() new_passed=() new_failed=()

# start STEP: runs it in a process group of its own, so that all of it can be ended.
# NAME.time has its seconds: elapsed, and processor time as user and as system.
start() {
	local name words

	read -ra words <<<"$1"
	name=${words[0]}
	note "$name ..."
	set -m
	(
		set +m
		export TW_LOG=$logs/$name.log TW_UNAVAILABLE=$logs/$name.unavailable
		TIMEFORMAT='%0R %0U %0S'
		{ time "$TW_VM/${words[1]}" "${words[@]:2}" \
			>"$logs/$name.out" 2>"$logs/$name.err" </dev/null; } \
			2>"$logs/$name.time"
	) &
	running[$!]=$name
	set +m
}

# run_again NAME: a step whose guest QEMU has failed. What it said first is kept.
declare -A twice=()
run_again() {
	local words f

	note "$1: QEMU has failed its guest (see $logs/first-$1.log): once more"
	twice[$1]=1
	for f in "$logs/$1".*; do
		mv "$f" "$logs/first-${f##*/}"
	done
	for words in "${steps[@]}"; do
		[ "${words%% *}" != "$1" ] || start "$words"
	done
}

# finish PID STATUS
finish() {
	local name=${running[$1]} p f s log k

	unset "running[$1]"
	if [ "$2" = 123 ] && [ -z "${twice[$name]:-}" ]; then
		run_again "$name"
		return
	fi
	log=$logs/$name.out
	done_steps=$((done_steps + 1))
	if [ "$2" = 4 ] && ! grep -qE '^(not )?ok ' "$log"; then
		note "$name: cannot run ($((${#steps[@]} - done_steps)) of ${#steps[@]} steps left)"
		cannot_run "$name" 4 "$(tail -n 1 "$logs/$name.unavailable")"
		return
	fi
	read -r p f s < <(tap_count "$2" <"$log")
	note "$name: $p passed, $f failed, $s skipped" \
		"($((${#steps[@]} - done_steps)) of ${#steps[@]} steps left)"
	grep -E '^ *(ok |1\.\.0).*# [Ss][Kk][Ii][Pp]' "$log" | sed "s/^/    $name: /" \
		>>"$logs/skipped" || :
	[ "$f" = 0 ] || explain "$2" "$name" | tee -a "$logs/failed" >&2
	k=${name##*-}
	if tw_is_one_of "$k" "${new_kernels[@]}"; then
		new_passed[$k]=$((${new_passed[$k]:-0} + p))
		new_failed[$k]=$((${new_failed[$k]:-0} + f))
		return
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# explain STATUS NAME: prints why a step failed
explain() {
	local log=$logs/$2.out

	echo "  $2:"
	{
		# A test explains its failure before the line "not ok".
		grep -B 6 -A 6 -E '^ *not ok' "$log" | head -n 60 || :
		[ "$1" = 0 ] || tail -n 8 "$logs/$2.err"
		echo "see $log"
		[ ! -e "$logs/$2.log" ] || echo "and $logs/$2.log"
	} | sed 's/^/    /'
}

end_all() {
	local pid

	for pid in "${!running[@]}" $background; do
		kill -TERM -- "-$pid" 2>/dev/null || :
	done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

wait_for_one() {
	local pid status=0

	wait -n -p pid "${!running[@]}" || status=$?
	finish "$pid" "$status"
}

# A table of what each step cost, so that a step that grows is noticed.
costs() {
	local words name

	printf '%-16s %6s %6s %8s\n' step wall CPU waiting
	for words in "${steps[@]}"; do
		name=${words%% *}
		[ -s "$logs/$name.time" ] || continue
		awk -v name="$name" '{
			cpu = $2 + $3
			printf "%-16s %6d %6d %8d\n", name, $1, cpu,
			       cpu < $1 ? $1 - cpu : 0
		}' "$logs/$name.time"
	done | sort -k 3nr
}

# What the result rests on, so that it can be had again: TW_KERNEL_6_1=6.1.0-57 and the like.
rests_on() {
	local word k abi release version image lists

	while read -r word k abi release version image lists; do
		[ "$word" != used ] || [ -n "${left[$k]:-}" ] ||
			echo "$k: $release, $image $version, package lists of $lists"
	done <"$found"
	for k in "$TW_CACHE"/kernels/{uml-time,"${TW_CHECKS_KERNEL:-}"}; do
		[ ! -e "$k/key" ] || [ -n "$own_left" ] || echo "${k##*/}: $(head -n 1 "$k/key")"
	done
}

if ! get_ready; then
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
tested=()
for k in "${kernels[@]}"; do
	tw_is_new "$k" || tested+=("$k")
done
for k in "${!left[@]}"; do
	say "without $k: ${left[$k]}"
	if tw_is_new "$k"; then
		echo "    $k: ${left[$k]}" >>"$logs/skipped"
	else
		cannot_run "tests-$k" 4 "${left[$k]}"
		[ -z "$(plan_races "$k")" ] || cannot_run "races-$k" 4 "${left[$k]}"
		cannot_run "verify-$k" 4 "${left[$k]}"
	fi
done
plan
# Some steps wait most of the time: one more than there are processors, and no more
# guests than may run at a time.
most=$(($(nproc) + 1))
[ $most -le 4 ] || most=4
say "${#steps[@]} steps, $most at a time"
[ "$only" != quick ] || say "left out: the other kernels, races, the sanitizers'" \
	"suite, tracers, dkms, planted bugs, style, fuzzing"
for words in "${steps[@]}"; do
	while [ ${#running[@]} -ge $most ]; do
		wait_for_one
	done
	start "$words"
done
while [ ${#running[@]} -gt 0 ]; do
	wait_for_one
done

say "seconds that each step took:"
costs | sed 's/^/    /' >&2
if [ -s "$logs/skipped" ]; then
	say "skipped:"
	cat "$logs/skipped" >&2
fi
[ ${#twice[@]} = 0 ] || say "run twice, because QEMU has failed a guest: ${!twice[*]}"
# Failures were printed when they happened. Print them again at the end.
if [ -s "$logs/failed" ]; then
	say "failed:"
	cat "$logs/failed" >&2
fi
if [ -s "$found" ]; then
	say "kernels:"
	rests_on | sed 's/^/    /' >&2
fi
for k in "${new_kernels[@]}"; do
	say "new: $k, ${new_passed[$k]:-0} of" \
		"$((${new_passed[$k]:-0} + ${new_failed[$k]:-0})) passed; not yet in the list of" \
		"tested kernels"
done
say "took $(tw_time)"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
