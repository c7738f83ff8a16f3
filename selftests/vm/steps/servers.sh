#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# servers.sh [KERNEL]: the tests that need programs of Debian in the guest (the newest
# kernel): real servers run out of ports, and twstat. As TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

kernel=${1:-$(tw_newest_kernel)}
log=${TW_LOG:-$TW_CACHE/logs/servers-$kernel.log}
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"
mkdir -p "$TW_CACHE/logs"
servers=$("$TW_VM/kernels/servers.sh" | tail -n 1)
tools=$(mktemp -d "${TMPDIR:-/tmp}/tw-tools.XXXXXX")
trap 'rm -rf "$tools"' EXIT
make -s -C "$TW_TOP" install-tools "DESTDIR=$tools" PREFIX=/tools
tw_build_args "$kernel"
tw_guest_with_module "$kernel" "${TW_BUILD[@]}"
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$servers" --add "$tools" --icount \
	--timeout 900 --log "$log" -- /selftests/run_all.sh servers twstat
