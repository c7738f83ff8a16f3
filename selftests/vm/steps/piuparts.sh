#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# piuparts.sh: installs, removes and purges the Debian packages by apt, with all that they
# depend on, in a minimal Debian 12, and nothing of them may be left; as TAP. steps/deb.sh
# has kernels' headers, an older version and units that run; piuparts has none of these.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

RELEASE=bookworm
"$TW_VM/kernels/packages.sh" piuparts:piuparts "${TW_MAKES_DEB[@]}"
tw_apt_ready $RELEASE || exit
mirror=$(sed -n "s/^deb \(\[.*\] \)\?\([^ ]*\) $RELEASE main\$/\2/p" \
	"$TW_CACHE/apt/$RELEASE/sources.list")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-piuparts.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

make -s -C "$TW_TOP" deb "OUT=$tmp/out" >"$tmp/said" 2>&1 ||
	die "make deb: $(tail -n 1 "$tmp/said")"

# try PACKAGE
try() {
	piuparts -d $RELEASE -m "$mirror main" --no-eatmydata \
		"$tmp/out/$1"_*_all.deb >"$tmp/said" 2>&1 </dev/null && return
	grep -E ' (ERROR|FAIL|WARN)' -A 5 "$tmp/said" | tail -n 30 >"$tmp/why"
	return 1
}

for package in tw-summary-dkms tw-summary-tools; do
	status=0
	try $package || status=1
	tap_result $status "piuparts: $package comes by apt, and goes without a trace" "$tmp/why"
done

# With a file that its removal leaves behind.
dpkg-deb -R "$tmp"/out/tw-summary-tools_*_all.deb "$tmp/bad"
printf '%s\n' '#!/bin/sh' 'touch /etc/left-behind' >>"$tmp/bad/DEBIAN/postinst"
rm "$tmp"/out/*.deb
dpkg-deb -b "$tmp/bad" "$tmp/out/planted_1_all.deb" >/dev/null
status=0
! try planted || status=1
grep -q left-behind "$tmp/why" || status=1
tap_result $status "piuparts: a file that is left behind is seen" "$tmp/said"
tap_end
