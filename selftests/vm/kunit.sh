#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kunit.sh [SRCDIR MODULE]: runs the module's KUnit tests in the debug kernel,
# prints their KTAP and, last, how many cases passed, failed and were skipped.
# Ends with 0 only if cases passed, none failed and the kernel had no complaint.
# Other SRCDIR and MODULE are for the harness's test of itself.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ $# = 0 ] || [ $# = 2 ] || die "usage: kunit.sh [SRCDIR MODULE]"
src=${1:-$TW_TOP}
module=${2:-tw_summary_kunit}

"$TW_VM/packages.sh"
built=$("$TW_VM/build.sh" "$TW_DEBUG_KERNEL" "$src" TW_KUNIT=1 | tail -n 1) ||
	die "the tests were not built"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-kunit.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/add/tw" "$TW_CACHE/logs"
cp "$TW_VM/guest/kunit.sh" "$tmp/add/tw/"

status=0
log=$TW_CACHE/logs/kunit-$module.log
"$TW_VM/run.sh" --kernel "$TW_DEBUG_KERNEL" --module "$built/$module.ko" \
	--add "$tmp/add" --parallel --timeout 900 --log "$log" \
	--append "kunit.enable=1 kunit.autorun=1" -- \
	/tw/kunit.sh "$module" | tee "$tmp/ktap" || status=$?
counts=$("$TW_VM/ktap.sh" <"$tmp/ktap") || status=${status/#0/1}
# The counts go last: first whatever is wrong with them.
tail -n +2 <<<"$counts"
[ "$status" = 0 ] || say "kunit.sh: failed, see $log"
head -n 1 <<<"$counts"
exit "$status"
