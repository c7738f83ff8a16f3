#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ready.sh [KERNEL...]: gets these kernels, or all that a run should have: the tested
# branches, and newer ones that Debian offers. Prints a line for each:
#	used KERNEL ABI RELEASE VERSION IMAGE LISTS
#	left KERNEL REASON...	it cannot be had
# ABI is what TW_KERNEL_<branch>= takes, IMAGE the package of the image, LISTS the day of the
# package lists. Status 1 if a whole run has less than the newest kernel and a long-term one:
# then it would say little.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

newest='' long_term=''
# judge KERNEL VERSION: what is of a release of Debian's own is maintained for years
judge() {
	case $2 in
	*~bpo*) ;;
	*) long_term=$1 ;;
	esac
	if [ "$1" = "${TW_TESTED[-1]}" ] || tw_is_new "$1"; then
		newest=$1
	fi
}

why=$(mktemp "${TMPDIR:-/tmp}/tw-ready.XXXXXX")
trap 'rm -f "$why"' EXIT

get() {
	local kernel=$1 dir release version

	say "[$(tw_time)] looking for Debian's newest kernel $kernel"
	: >"$why"
	if ! dir=$(TW_UNAVAILABLE=$why "$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1); then
		[ -s "$why" ] || die "no kernel $kernel"
		printf 'left %s %s\n' "$kernel" "$(tail -n 1 "$why")"
		return
	fi
	release=$(cat "$dir/release")
	version=$(cat "$dir/version")
	say "    $release"
	printf 'used %s %s %s %s %s %s\n' "$kernel" "$(sed 's/-\(rt-\)\?[a-z0-9]*$//' <<<"$release")" \
		"$release" "$version" "$(cat "$dir/image")" "$(cat "$dir/lists")"
	judge "$kernel" "$version"
}

whole=''
if [ $# = 0 ]; then
	whole=1
	mapfile -t newer < <("$TW_VM/kernels/series.sh" new)
	set -- "${TW_TESTED[@]}" "${newer[@]}"
fi
for k; do
	get "$k"
done
if [ -n "$whole" ] && { [ -z "$newest" ] || [ -z "$long_term" ] || [ "$newest" = "$long_term" ]; }; then
	die "a run needs kernel ${TW_TESTED[-1]} or a newer one, and one of Debian's own releases"
fi
