#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# attackers.sh [SOURCE...]: measures what others can make the module cost, for the module in
# each folder SOURCE (this one). An older version is a worktree of git:
#	git worktree add /tmp/before 1c71db4
#	selftests/bench/attackers.sh /tmp/before .
# No test: it judges nothing.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

kernel=${KERNEL:-6.12}
sources=("$@")
[ $# -gt 0 ] || sources=("$TW_TOP")
"$TW_VM/kernels/packages.sh"
files=$("$TW_VM/guest/files.sh" "$kernel" | tail -n 1)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-attackers.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/add/bench"
cp "$TW_TOP/selftests/bench/inside/attackers.sh" "$tmp/add/bench/"
for source in "${sources[@]}"; do
	built=$("$TW_VM/kernels/build.sh" "$kernel" "$source" | tail -n 1)
	printf '# %s on %s\n' "$source" "$kernel"
	"$TW_VM/guest/run.sh" --kernel "$kernel" --module "$built/tw_summary.ko" \
		--add "$files" --add "$tmp/add" --icount --timeout 1500 \
		--append "softlockup_panic=0 panic_on_warn=0" --allow 'soft lockup|Call Trace' -- \
		/bench/attackers.sh
done
