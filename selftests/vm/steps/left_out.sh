#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# left_out.sh: says as TAP which test programs `make quick` does not run, and why.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

mapfile -t lines < <(left_out_of_quick)
echo "TAP version 13"
echo "1..${#lines[@]}"
n=0
for line in "${lines[@]}"; do
	echo "ok $((++n)) - ${line%% *} # SKIP ${line#* }"
done
