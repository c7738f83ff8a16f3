#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# probe_cost.sh [KERNEL...]: measures what counting failed connect() calls costs
# one that succeeds, on each kernel, in instructions. No test: it judges nothing.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

kernels=("$@")
[ $# -gt 0 ] || kernels=("${TW_KERNELS[@]}")
"$TW_VM/packages.sh"
files=$("$TW_VM/selftests.sh" | tail -n 1)
for k in "${kernels[@]}"; do
	built=$("$TW_VM/build.sh" "$k" "$TW_TOP" W=1 C=1 | tail -n 1)
	"$TW_VM/run.sh" --kernel "$k" --module "$built/tw_summary.ko" \
		--add "$files" --icount --timeout 600 -- /tw/probe_cost.sh
done
