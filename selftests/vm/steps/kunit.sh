#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kunit.sh [SRCDIR MODULE]: runs the module's KUnit tests in the kernel with the
# sanitizers, as TAP. Ends with 0 only if no case failed and the kernel had no
# complaint. Other SRCDIR and MODULE are for the harness's test of itself, and for
# mutants; TW_KUNIT_SUITE names one suite, and TW_KUNIT_SLOW=no skips the slow cases.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# = 0 ] || [ $# = 2 ] || die "usage: kunit.sh [SRCDIR MODULE]"
src=${1:-$TW_TOP}
module=${2:-tw_summary}

"$TW_VM/kernels/packages.sh" python3:python3
kernel=$(tw_checks_kernel)
kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
source=$("$TW_VM/own/source.sh" "$(cat "$kdir/version")" | tail -n 1)
built=$("$TW_VM/kernels/build.sh" "$kernel" "$src" \
	CONFIG_TW_SUMMARY_KUNIT_TEST=y | tail -n 1) ||
	die "the tests were not built"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-kunit.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/add/tw" "$TW_CACHE/logs"
cp "$TW_VM/inside/kunit.sh" "$tmp/add/tw/"

log=${TW_LOG:-$TW_CACHE/logs/kunit-$module.log}
only=${TW_KUNIT_SUITE:+ kunit.filter_glob=${TW_KUNIT_SUITE#:}}
[ "${TW_KUNIT_SLOW:-}" != no ] ||
	only+=" kunit.filter=speed>slow kunit.filter_action=skip"
"$TW_VM/guest/run.sh" --kernel "$kernel" --module "$built/$module.ko" \
	--add "$tmp/add" --parallel --timeout 3600 --log "$log" \
	--append "kunit.enable=1 kunit.autorun=1$only" -- \
	/tw/kunit.sh "$module" | python3 "$TW_VM/ktap.py" "$source/tools/testing/kunit" |
	sed 's/# SKIP *$/# SKIP it is slow, and make check has it/' || {
	say "kunit.sh: failed, see $log"
	exit 1
}
