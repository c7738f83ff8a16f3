#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [NAME...]: proves the tests. Each *.patch here plants one mistake in the
# module and says in its head which tests must notice it:
#	# killed by: PROGRAM[:SUBTEST,...] ... kunit[:SUITE] ...
#	# killed by: ... complaint	the guest's kernel must complain
# The mutant is built, those tests are run, and one of their points must fail, or the
# kernel complain. Before that all of them must pass without a mutant. Two mutants are
# tried at a time. TAP, one point per mutant.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

here=$TW_TOP/selftests/mutants
"$TW_VM/kernels/packages.sh"
names=("$@")
if [ ${#names[@]} = 0 ]; then
	for f in "$here"/*.patch; do
		f=${f##*/}
		names+=("${f%.patch}")
	done
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-mutants.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
tw_lock mutants
logs=$TW_CACHE/logs/mutants
rm -rf "$logs"
mkdir -p "$logs"
say "logs: $logs"
TW_CHECKS_KERNEL=$(tw_checks_kernel)
export TW_CHECKS_KERNEL
# Where the test programs run. What this kernel lacks is for a Debian kernel, and what
# needs two processors for the kernel with the sanitizers.
native=uml-time
[ "$TW_CHECKS_KERNEL" = uml-debug ] || native=$(tw_newest_kernel)

killers_of() {
	local k

	k=$(sed -n 's/^# killed by: //p' "$here/$1.patch")
	[ -n "$k" ] || die "$1.patch does not say what it is killed by"
	printf '%s\n' "$k"
}

# kernel_for PROGRAM
kernel_for() {
	if needs "$1" parallel; then
		printf '%s\n' "$TW_CHECKS_KERNEL"
	elif uml_lacks "$1"; then
		tw_newest_kernel
	else
		printf '%s\n' "$native"
	fi
}

# run_programs SOURCE LOG SPEC...: their TAP
run_programs() {
	local src=$1 log=$2 kernel built files specs spec mode status=0

	shift 2
	files=$("$TW_VM/guest/files.sh" "$TW_CHECKS_KERNEL" | tail -n 1) || return
	for kernel in $(for spec; do kernel_for "${spec%%:*}"; done | sort -u); do
		specs=()
		for spec; do
			[ "$(kernel_for "${spec%%:*}")" != "$kernel" ] ||
				specs+=("$spec")
		done
		mode=(--icount)
		[ "$kernel" != "$TW_CHECKS_KERNEL" ] || mode=(--parallel)
		built=$("$TW_VM/kernels/build.sh" "$kernel" "$src" | tail -n 1) ||
			return
		"$TW_VM/guest/run.sh" --kernel "$kernel" --add "$files" \
			--module "$built/tw_summary.ko" "${mode[@]}" --timeout 600 \
			--log "$log" -- /selftests/run_all.sh "${specs[@]}" ||
			status=$?
	done
	return $status
}

# run_killers SOURCE LOG KILLER...: all that they say
run_killers() {
	local src=$1 log=$2 killer programs=() status=0

	shift 2
	for killer; do
		case $killer in
		complaint) ;;
		kunit | kunit:*)
			TW_KUNIT_SUITE=${killer#kunit} TW_LOG=$log.kunit \
				"$TW_VM/steps/kunit.sh" \
				"$src" tw_summary || status=$? ;;
		*) programs+=("$killer") ;;
		esac
	done
	[ ${#programs[@]} = 0 ] ||
		run_programs "$src" "$log" "${programs[@]}" || status=$?
	return $status
}

check_control() {
	local status=0 killers

	# All suites at once: each by itself would be a guest.
	mapfile -t killers < <(for n in "${names[@]}"; do killers_of "$n"; done |
		tr ' ' '\n' | sed 's/^kunit:.*/kunit/' | sort -u)
	run_killers "$TW_TOP" "$logs/control.log" "${killers[@]}" \
		>"$logs/control.out" 2>&1 || status=$?
	! grep -q '^not ok' "$logs/control.out" || status=1
	{
		grep '^not ok' "$logs/control.out" || tail -n 3 "$logs/control.out"
		echo "see $logs/control.out"
	} >"$tmp/why"
	tap_result "$status" "without a mutant they all pass" "$tmp/why"
}

# noticed_by OUTPUT KILLER...: the first points that failed, or the complaint
noticed_by() {
	local out=$1

	shift
	sed -n 's/^not ok [0-9]* - //p' "$out" | head -n 3 | paste -sd, |
		sed 's/,/, /g' | grep . && return
	[[ " $* " == *' complaint '* ]] &&
		grep -q 'the kernel complained' "$out" && echo "the kernel"
}

# try_mutant NAME: in $tmp/NAME.verdict what is to be said, in NAME.why the reason
# if it was not noticed. A mutant that does not build, or whose guest dies, was not.
try_mutant() {
	local name=$1 src=$tmp/$1 out=$logs/$1.out why=$tmp/$1.why killers by

	mkdir "$src"
	tar -C "$TW_TOP" -c Kbuild Makefile dkms.conf module include |
		tar -x -C "$src"
	if ! patch -s -F0 -p1 -d "$src" <"$here/$name.patch" >"$why" 2>&1; then
		echo "$name does not fit the module any more" >"$tmp/$name.verdict"
		return
	fi
	read -ra killers < <(killers_of "$name")
	run_killers "$src" "$logs/$name.log" "${killers[@]}" >"$out" 2>&1 || :
	rm -rf "$src"
	if by=$(noticed_by "$out" "${killers[@]}"); then
		echo "$name: noticed by $by" >"$tmp/$name.verdict"
		rm -f "$why"
	else
		echo "$name: not noticed" >"$tmp/$name.verdict"
		echo "none of ${killers[*]} failed, see $out" >"$why"
	fi
	say "[$(tw_time)] $(<"$tmp/$name.verdict")"
}

for name in "${names[@]}"; do
	[ -e "$here/$name.patch" ] || die "there is no mutant '$name'"
done
check_control
running=0
for name in "${names[@]}"; do
	if [ $running = 2 ]; then
		wait -n || :
		running=1
	fi
	try_mutant "$name" &
	running=$((running + 1))
done
wait
for name in "${names[@]}"; do
	status=0
	[ ! -e "$tmp/$name.why" ] || status=1
	tap_result $status "$(<"$tmp/$name.verdict")" "$tmp/$name.why"
done
tap_end
