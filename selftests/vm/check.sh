#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh [KERNEL]: all the tests, or those that need only KERNEL (`debug` is
# our own kernel with the sanitizers). Two steps run at a time. The last line is
# `N passed, N failed, N skipped`; 0 is the status only if some passed and none
# failed. Output and logs of each step stay in the cache, see the first line.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tap.sh
. "$TW_VM/tap.sh"

[ $# -le 1 ] || die "usage: check.sh [KERNEL]"
only=${1:-}
[ -z "$only" ] || tw_kernel_check "$only"
"$TW_VM/packages.sh"

logs=$TW_CACHE/logs/check${only:+-$only}
rm -rf "$logs"
mkdir -p "$logs"
say "logs: $logs"

# programs KERNEL KIND: its test programs of that kind: icount and races have
# lists, the rest is ordinary.
programs() {
	local kernel=$1 kind=$2 of p

	if [ "$kernel" = "$TW_DEBUG_KERNEL" ]; then
		grep '^test_' "$TW_TOP/selftests/debug.list"
	else
		(cd "$TW_TOP/selftests" && printf '%s\n' test_*.sh)
	fi | while read -r p; do
		of=ordinary
		if grep -qxF "${p%%:*}" "$TW_TOP/selftests/races.list"; then
			of=races
		elif [ "$kernel" != "$TW_DEBUG_KERNEL" ] &&
			grep -qxF "$p" "$TW_TOP/selftests/icount.list"; then
			of=icount
		fi
		[ "$of" != "$kind" ] || printf '%s\n' "$p"
	done
}

# in_guest KERNEL LOG RUN-OPTION... -- COMMAND...
in_guest() {
	local kernel=$1 log=$2 build_args=()

	shift 2
	# The build that static.sh has looked at, where it has.
	[ "$kernel" = "$TW_DEBUG_KERNEL" ] || build_args=(W=1 C=1)
	tw_guest_with_module "$kernel" "${build_args[@]}"
	"$TW_VM/run.sh" "${TW_GUEST[@]}" --log "$log" "$@"
}

# run_programs KERNEL NAME KIND RUN-OPTION...
run_programs() {
	local kernel=$1 name=$2 kind=$3 list scale=()

	shift 3
	mapfile -t list < <(programs "$kernel" "$kind")
	# The sanitizers make it some ten times slower.
	[ "$kernel" != "$TW_DEBUG_KERNEL" ] || scale=(env TW_SCALE=10)
	in_guest "$kernel" "$logs/$name-$kernel.log" "$@" --timeout 1800 -- \
		"${scale[@]}" /selftests/run_all.sh "${list[@]}"
}

# One function per kind of step; it writes TAP. Arguments: KERNEL.
step_selftests() {
	run_programs "$1" selftests ordinary
}

step_races() {
	run_programs "$1" races races --parallel
}

step_icount() {
	local list

	mapfile -t list < <(programs "$1" icount)
	# On all kernels at once, what is the same on each runs on two of them.
	if [ -z "$only" ] && [ "$1" != "${TW_KERNELS[0]}" ] &&
		[ "$1" != "$(tw_newest_kernel)" ]; then
		mapfile -t list < <(printf '%s\n' "${list[@]}" |
			grep -vxFf "$TW_TOP/selftests/icount-ends.list")
	fi
	in_guest "$1" "$logs/icount-$1.log" --icount --timeout 1800 -- \
		/selftests/run_all.sh "${list[@]}"
}

step_static() {
	if [ -n "$only" ]; then
		"$TW_VM/static.sh" "$only"
	else
		"$TW_VM/static.sh"
	fi
}

step_style() {
	"$TW_VM/style.sh"
}

step_kunit() {
	"$TW_VM/kunit.sh"
}

step_fuzz() {
	"$TW_TOP/selftests/fuzz/run.sh"
}

step_planted() {
	"$TW_VM/planted/run.sh"
}

step_faults() {
	"$TW_VM/debug/faults.sh"
}

step_tracers() {
	"$TW_VM/tracers.sh" "$1" "$logs/tracers-$1.log"
}

step_dkms() {
	"$TW_VM/dkms.sh"
}

steps=()
plan() {
	local k debug=()

	case $only in
	'' | "$TW_DEBUG_KERNEL")
		debug=(kunit "selftests $TW_DEBUG_KERNEL"
			"races $TW_DEBUG_KERNEL" planted faults style) ;;
	esac
	# The debug kernel's are the longest; its first step builds the kernel,
	# where it has to be built.
	[ ${#debug[@]} = 0 ] || steps+=("${debug[0]}")
	[ "$only" = "$TW_DEBUG_KERNEL" ] || steps+=(static)
	[ -n "$only" ] || steps+=(fuzz)
	if [ -e "$TW_CACHE/kernels/$TW_DEBUG_KERNEL" ]; then
		steps+=("${debug[@]:1}")
		debug=()
	fi
	for k in "${TW_KERNELS[@]}"; do
		[ -z "$only" ] || [ "$only" = "$k" ] || continue
		steps+=("selftests $k" "races $k" "icount $k")
		# The tracers are the same everywhere: the two ends will do.
		if [ -n "$only" ] || [ "$k" = "${TW_KERNELS[0]}" ] ||
			[ "$k" = "$(tw_newest_kernel)" ]; then
			steps+=("tracers $k")
		fi
	done
	[ -n "$only" ] || steps+=(dkms)
	steps+=("${debug[@]:1}")
}

passed=0 failed=0 skipped=0 done_steps=0
declare -A running=() began=()

note() {
	say "[$(tw_time)] $*"
}

# start STEP: in a process group of its own, so that it can be ended whole.
start() {
	local name=${1// /-}

	note "$1 ..."
	set -m
	(
		set +m
		# shellcheck disable=SC2086 # a step is a function's name and argument
		step_$1
	) >"$logs/$name.out" 2>"$logs/$name.err" </dev/null &
	running[$!]=$1
	began[$!]=$SECONDS
	set +m
}

# finish PID STATUS
finish() {
	local step=${running[$1]} took=$((SECONDS - began[$1])) name p f s log

	unset "running[$1]"
	name=${step// /-}
	log=$logs/$name.out
	read -r p f s < <(tap_count "$2" <"$log")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done_steps=$((done_steps + 1))
	note "$step: $p passed, $f failed, $s skipped" \
		"($took s, ${#steps[@]} steps, $((${#steps[@]} - done_steps)) left)"
	grep -E '^ *(ok |1\.\.0).*# [Ss][Kk][Ii][Pp]' "$log" | sed "s/^/    $step: /" \
		>>"$logs/skipped" || :
	[ "$f" = 0 ] || explain "$2" "$name" | tee -a "$logs/failed" >&2
}

# explain STATUS NAME: what is known of a failed step
explain() {
	local log=$logs/$2.out

	echo "  $2:"
	{
		grep -A 6 -E '^ *not ok' "$log" | head -n 60 || :
		[ "$1" = 0 ] || tail -n 8 "$logs/$2.err"
		echo "see $log"
		[ ! -e "$logs/$2.log" ] || echo "and $logs/$2.log"
	} | sed 's/^/    /'
}

end_all() {
	local pid

	for pid in "${!running[@]}"; do
		kill -TERM -- "-$pid" 2>/dev/null || :
	done
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Everything is here before anything is tested, or nothing is tested.
get_ready() {
	local k kdir

	for k in "${TW_KERNELS[@]}"; do
		[ -z "$only" ] || [ "$only" = "$k" ] || continue
		note "looking for Debian's newest kernel $k"
		kdir=$("$TW_VM/kernels.sh" "$k") &&
			"$TW_VM/toolchain.sh" "$(cat "$kdir/toolchain")" \
				>/dev/null || return 1
		say "    $(cat "$kdir/release")"
	done
}

plan
if ! get_ready; then
	echo "0 passed, 1 failed, 0 skipped"
	exit 1
fi
say "${#steps[@]} steps, two at a time"
for step in "${steps[@]}"; do
	while [ ${#running[@]} -ge 2 ]; do
		status=0
		wait -n -p pid "${!running[@]}" || status=$?
		finish "$pid" "$status"
	done
	start "$step"
done
while [ ${#running[@]} -gt 0 ]; do
	status=0
	wait -n -p pid "${!running[@]}" || status=$?
	finish "$pid" "$status"
done

if [ -s "$logs/skipped" ]; then
	say "skipped:"
	cat "$logs/skipped" >&2
fi
# Said when it happened, and once more where the eye falls first.
if [ -s "$logs/failed" ]; then
	say "failed:"
	cat "$logs/failed" >&2
fi
say "took $(tw_time)"
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
