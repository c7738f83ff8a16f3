#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# programs.sh servers|fleet|python [KERNEL]: the tests that need programs of Debian in the
# guest (the newest kernel): real servers run out of ports, and twstat; or Prometheus'
# alerts; or twstat --verify, and its metrics of many namespaces. plan.sh says which of them
# run on KERNEL, or on uml-time. As TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/plan.sh
. "$TW_VM/plan.sh"

set=${1-}
kernel=${2:-$(tw_newest_kernel)}
case $set in
servers | fleet | python) ;;
*) die "usage: programs.sh servers|fleet|python [KERNEL]" ;;
esac
mapfile -t tests < <(plan_programs "$set" "$kernel")
[ ${#tests[@]} -gt 0 ] || die "there are no tests with $set for $kernel"
log=${TW_LOG:-$TW_CACHE/logs/$set-$kernel.log}
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"
mkdir -p "$TW_CACHE/logs"
programs=$("$TW_VM/kernels/programs.sh" "$set" | tail -n 1)
tools=$(mktemp -d "${TMPDIR:-/tmp}/tw-tools.XXXXXX")
trap 'rm -rf "$tools"' EXIT
make -s -C "$TW_TOP" install-tools "DESTDIR=$tools" PREFIX=/tools
# twstat writes no compiled code: it would compile itself in the guest at each call.
unshare --mount --propagation private bash -c 'mount --bind "$1/tools" "$2/tmp" &&
	chroot "$2" /usr/bin/python3 -m compileall -q -s /tmp -p /tools \
		--invalidation-mode unchecked-hash /tmp/share' - "$tools" "$programs/$set"
tw_build_args "$kernel"
tw_guest_with_module "$kernel" "${TW_BUILD[@]}"
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$programs" --add "$tools" --icount \
	--timeout 3600 --log "$log" -- /selftests/run_all.sh "${tests[@]}"
