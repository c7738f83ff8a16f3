#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shell.sh [KERNEL]: a shell in a guest with the module loaded, twstat, Python and the
# manuals, and the tests in /selftests. `exit` ends the guest; so does Ctrl-D.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -le 1 ] || die "usage: shell.sh [KERNEL]"
kernel=${1:-$(tw_newest_kernel)}
tw_kernel_check "$kernel"
[ -t 0 ] || die "a shell needs a terminal"
"$TW_VM/kernels/packages.sh"

say "building the module for $kernel"
tw_guest_with_module "$kernel"
tools=$(mktemp -d "${TMPDIR:-/tmp}/tw-tools.XXXXXX")
trap 'rm -rf "$tools"' EXIT
tw_guest_with_tools "$tools"
say "booting $kernel: the prompt comes after some 15 seconds, exit ends it"
mkdir -p "$TW_CACHE/logs"
# Somebody types in it: a day is a hard limit all the same.
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --timeout 86400 \
	--log "$TW_CACHE/logs/shell-$kernel.log" --shell -- /tw/shell.sh
