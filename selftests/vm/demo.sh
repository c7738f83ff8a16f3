#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh [KERNEL]: boots a Debian kernel (the newest that we know), lets a real nginx run
# out of ports, and shows what the module tells of it.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -le 1 ] || die "usage: demo.sh [KERNEL]"
kernel=${1:-$(tw_newest_kernel)}
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"

say "building the module for Debian's kernel $kernel"
tw_guest_with_module "$kernel"
tools=$(mktemp -d "${TMPDIR:-/tmp}/tw-tools.XXXXXX")
trap 'rm -rf "$tools"' EXIT
tw_guest_with_tools "$tools"
say "booting it; the first line comes after some 15 seconds"
mkdir -p "$TW_CACHE/logs"
log=$TW_CACHE/logs/demo-$kernel.log
# Its waiting costs nothing, and its numbers are always the same.
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --icount --log "$log" -- \
	/tw/demo.sh ||
	die "the demo failed, see $log"
cat "$TW_VM/inside/demo.txt"
