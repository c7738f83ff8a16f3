#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# load.sh [KERNEL...]: what readers cost others, on Debian's kernels (the newest): the time
# that connections take beside a reader, and the walks that 1,000 readers cause.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$TW_TOP/selftests/bench
kernels=("$@")
[ $# -gt 0 ] || kernels=("$(tw_newest_kernel)")
"$TW_VM/kernels/packages.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bench"
cp "$here/inside/load.sh" "$tmp/bench/"
for k in "${kernels[@]}"; do
	tw_build_args "$k"
	tw_guest_with_module "$k" "${TW_BUILD[@]}"
	"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$tmp" --icount --timeout 1200 -- \
		/bench/load.sh
done
