#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# verify.sh [NAME...]: twstat --verify must notice mistakes of the module. A *.patch here
# whose head says
#	# verify: CASE
# is built for the newest kernel, and there the case (with CASE `any` some case) must come out
# wrong, and the module be told so. Without a mutant none may. One guest tries them all. TAP, a
# point for each.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

here=$TW_TOP/selftests/mutants
kernel=${TW_VERIFY_KERNEL:-$(tw_newest_kernel)}
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$here" && grep -l '^# verify: ' ./*.patch |
	sed 's,^\./,,; s,\.patch$,,')
"$TW_VM/kernels/packages.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-verify.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/add/mutants" "$TW_CACHE/logs"
log=$TW_CACHE/logs/mutants-verify-$kernel.log

# build NAME: with its mistake, or as it is if NAME is `none`
build() {
	local src=$tmp/$1 built

	mkdir "$src"
	tar -C "$TW_TOP" -c Kbuild Makefile dkms.conf module include | tar -x -C "$src"
	[ "$1" = none ] || patch -s -F0 -p1 -d "$src" <"$here/$1.patch" ||
		die "$1 does not fit the module any more"
	built=$("$TW_VM/kernels/build.sh" "$kernel" "$src" | tail -n 1) ||
		die "$1 does not build"
	# One guest's memory has them all.
	strip --strip-debug -o "$tmp/add/mutants/$1.ko" "$built/tw_summary.ko"
	rm -rf "$src"
}

# case_of NAME: the case that must come out wrong
case_of() {
	sed -n 's/^# verify: //p' "$here/$1.patch"
}

for name in none "${names[@]}"; do
	build "$name"
done
make -s -C "$TW_TOP" install-tools "DESTDIR=$tmp/add" PREFIX=/tools
python=$("$TW_VM/kernels/programs.sh" python | tail -n 1)
tw_guest_with_module "$kernel"
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$python" --add "$tmp/add" --icount \
	--timeout 3600 --log "$log" -- /tw/verify_mutants.sh >"$tmp/found"
status=0
! grep '^none: [^-]' "$tmp/found" >"$tmp/why" && grep -q '^none parameter' "$tmp/found" ||
	status=1
tap_result $status "without a mutant nothing is wrong" "$tmp/why"
for name in "${names[@]}"; do
	status=0 case=$(case_of "$name")
	wanted="$name: $case: "
	[ "$case" != any ] || wanted="$name: "
	grep "^$name" "$tmp/found" >"$tmp/why" || :
	grep -qF "$wanted" "$tmp/why" && grep -qx "$name parameter N" "$tmp/why" || status=1
	tap_result $status "$name: $case" "$tmp/why"
done
tap_end
