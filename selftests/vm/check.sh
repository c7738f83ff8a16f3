#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh [KERNEL | quick | long]: runs all the tests, or those that need only KERNEL, or
# those that give the first answer after an edit, or those that take long and are not in
# the others. Two steps run at a time. The last line is
# `N passed, N failed, N skipped`. The status is 0 if some tests passed and none failed.
# Output and logs of each step stay in the cache; the first line says where.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

[ $# -le 1 ] || die "usage: check.sh [KERNEL | quick | long]"
only=${1:-}
case $only in '' | quick | long) ;; *) tw_kernel_check "$only" ;; esac
"$TW_VM/kernels/packages.sh"

logs=$TW_CACHE/logs/check${only:+-$only}
rm -rf "$logs"
mkdir -p "$logs"
say "logs: $logs"

note() {
	say "[$(tw_time)] $*"
}

# Gets all kernels first. If one is missing, nothing is tested. Our own ones take
# longest, so the first of them is built while the others are fetched.
get_ready() {
	local k kdir kernels=() own=''

	case $only in
	'') kernels=("${TW_KERNELS[@]}") own=1 ;;
	quick) kernels=("$(tw_newest_kernel)") own=1 ;;
	long) kernels=("${TW_LONG_KERNELS[@]}") own=1 ;;
	*) tw_is_own_kernel "$only" || kernels=("$only") ;;
	esac
	[ -z "$own" ] || build_in_background uml-time
	for k in "${kernels[@]}"; do
		note "looking for Debian's newest kernel $k"
		kdir=$("$TW_VM/kernels/kernels.sh" "$k") &&
			"$TW_VM/kernels/toolchain.sh" \
				"$(cat "$kdir/toolchain")" >/dev/null || return 1
		say "    $(cat "$kdir/release")"
	done
	[ -n "$own" ] || return 0
	wait "$background" || return 1
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

plan() {
	local k uml=${TW_NO_UML:+no}

	case $only in
	quick)
		k=$(tw_newest_kernel)
		if [ -n "$uml" ]; then
			step "tests-$k" steps/tests.sh tests "$k"
		else
			step rules steps/tests.sh rules uml-time
		fi
		export TW_KUNIT_SLOW=no
		step kunit steps/kunit.sh
		if [ -z "$uml" ]; then
			step native steps/tests.sh native uml-time
			step left-out steps/left_out.sh
		fi
		step static steps/static.sh "$k"
		step twstat steps/twstat.sh
		return ;;
	long)
		step kcsan steps/kcsan.sh
		step variants steps/variants.sh
		for k in "${TW_LONG_KERNELS[@]}"; do
			step "tests-$k" steps/tests.sh tests "$k"
			step "races-$k" steps/tests.sh races "$k"
		done
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
		step dkms steps/dkms.sh
		step deb steps/deb.sh
		step static steps/static.sh
		step debug steps/tests.sh debug "$TW_CHECKS_KERNEL"
		step debug-races steps/tests.sh debug_races "$TW_CHECKS_KERNEL"
		for k in "${TW_KERNELS[@]}"; do
			step "tests-$k" steps/tests.sh tests "$k"
		done
		[ -n "$uml" ] || step native steps/tests.sh native uml-time
		for k in "${TW_KERNELS[@]}"; do
			step "races-$k" steps/tests.sh races "$k"
		done
		# The oldest and the newest kernel are enough for the tracers.
		for k in "${TW_KERNELS[0]}" "$(tw_newest_kernel)"; do
			step "tracers-$k" steps/tracers.sh "$k"
		done
		step "servers-$(tw_newest_kernel)" steps/programs.sh servers
		step "fleet-$(tw_newest_kernel)" steps/programs.sh fleet
		step planted planted/run.sh
		step kunit steps/kunit.sh
		step rpm steps/rpm.sh
		step secureboot steps/secureboot.sh
		step style steps/style.sh
		step docs steps/docs.sh
		step twstat steps/twstat.sh
		step fuzz ../fuzz/run.sh ;;
	*)
		step "tests-$only" steps/tests.sh tests "$only"
		step static steps/static.sh "$only"
		step "races-$only" steps/tests.sh races "$only"
		step "tracers-$only" steps/tracers.sh "$only"
		step "servers-$only" steps/programs.sh servers "$only"
		step "fleet-$only" steps/programs.sh fleet "$only" ;;
	esac
}

passed=0 failed=0 skipped=0 done_steps=0
declare -A running=() began=()

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
		export TW_LOG=$logs/$name.log
		TIMEFORMAT='%0R %0U %0S'
		{ time "$TW_VM/${words[1]}" "${words[@]:2}" \
			>"$logs/$name.out" 2>"$logs/$name.err" </dev/null; } \
			2>"$logs/$name.time"
	) &
	running[$!]=$name
	set +m
}

# finish PID STATUS
finish() {
	local name=${running[$1]} p f s log

	unset "running[$1]"
	log=$logs/$name.out
	read -r p f s < <(tap_count "$2" <"$log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done_steps=$((done_steps + 1))
	note "$name: $p passed, $f failed, $s skipped" \
		"($((${#steps[@]} - done_steps)) of ${#steps[@]} steps left)"
	grep -E '^ *(ok |1\.\.0).*# [Ss][Kk][Ii][Pp]' "$log" | sed "s/^/    $name: /" \
		>>"$logs/skipped" || :
	[ "$f" = 0 ] || explain "$2" "$name" | tee -a "$logs/failed" >&2
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

if ! get_ready; then
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
plan
say "${#steps[@]} steps, two at a time"
[ "$only" != quick ] || say "left out: the other kernels, races, the sanitizers'" \
	"suite, tracers, dkms, planted bugs, style, fuzzing"
for words in "${steps[@]}"; do
	[ ${#running[@]} -lt 2 ] || wait_for_one
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
# Failures were printed when they happened. Print them again at the end.
if [ -s "$logs/failed" ]; then
	say "failed:"
	cat "$logs/failed" >&2
fi
say "took $(tw_time)"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
