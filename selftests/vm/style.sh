#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# style.sh: the kernel's own checkpatch, strict, over our C files, as TAP. It
# comes with the source of the debug kernel.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tap.sh
. "$TW_VM/tap.sh"

kdir=$("$TW_VM/kernels.sh" "$TW_DEBUG_KERNEL" | tail -n 1)
checkpatch=$kdir/headers/scripts/checkpatch.pl
[ -e "$checkpatch" ] || die "the source of the debug kernel has no checkpatch"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-style.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cd "$TW_TOP"

# Of what it looks for, this does not fit code outside of the kernel's tree:
# LINUX_VERSION_CODE	is what module/compat is about
# FILE_PATH_CHANGES, CONFIG_DESCRIPTION, EMBEDDED_FILENAME	are about patches
ignored=LINUX_VERSION_CODE,FILE_PATH_CHANGES,CONFIG_DESCRIPTION,EMBEDDED_FILENAME

while read -r f; do
	status=0
	perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary \
		--ignore "$ignored" -f "$f" >"$tmp/why" 2>&1 || status=1
	tap_result $status "checkpatch: $f" "$tmp/why"
done < <(find module include selftests -name '*.[ch]' | LC_ALL=C sort)
tap_end
