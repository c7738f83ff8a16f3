#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# probe_cost.sh [KERNEL...]: measures what following connect() and bind() calls costs
# those that do not fail, on each kernel, in instructions. No test: it judges nothing.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

kernels=("$@")
[ $# -gt 0 ] || { tw_kernels && kernels=("${TW_KERNELS[@]}"); }
"$TW_VM/kernels/packages.sh"
for k in "${kernels[@]}"; do
	tw_build_args "$k"
	tw_guest_with_module "$k" "${TW_BUILD[@]}"
	"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --icount --timeout 3600 -- \
		/tw/probe_cost.sh
done
