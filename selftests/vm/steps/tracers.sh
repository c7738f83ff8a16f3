#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tracers.sh [KERNEL]: our tracepoints as bpftrace, trace-cmd and perf read
# them in a guest (the newest kernel), as TAP. The lines of bpftrace are those
# that docs/usage.md tells.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/guest/programs.sh
. "$TW_VM/guest/programs.sh"

kernel=${1:-$(tw_newest_kernel)}
log=${TW_LOG:-$TW_CACHE/logs/tracers-$kernel.log}
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"
PATH=$PATH:/usr/sbin:/sbin
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-tracers.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$TW_CACHE/logs" "$tmp/root"/tw

for p in bpftrace trace-cmd perf; do
	copy_program "$tmp/root" $p
done
sed -n "s/^    # \(bpftrace -e '.*'\)\$/\1/p" "$TW_TOP/docs/usage.md" \
	>"$tmp/root/tw/oneliners"

# bpftrace reads BTF where modules have theirs (5.11), and headers where not.
kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
if ! grep -qx CONFIG_DEBUG_INFO_BTF_MODULES=y "$kdir/config"; then
	(cd "$kdir/headers" && find lib usr/src/*/include usr/src/*/arch/x86 -print0 |
		cpio -0 -pdm --quiet "$tmp/root")
fi

# One processor: less can go wrong where QEMU emulates patched code.
tw_build_args "$kernel"
tw_guest_with_module "$kernel" "${TW_BUILD[@]}"
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$tmp/root" --smp 1 --mem 2G \
	--timeout 3600 --log "$log" -- /selftests/run_all.sh tracers
