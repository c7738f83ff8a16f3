#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# style.sh: the kernel's own checkpatch, strict, over our C files, as TAP. It
# comes with the source of the kernels of our own.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

# Any kernel of our own has the script.
kdir=$("$TW_VM/kernels/kernels.sh" uml-time | tail -n 1)
checkpatch=$kdir/headers/scripts/checkpatch.pl
[ -e "$checkpatch" ] || die "the kernel source has no checkpatch"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-style.XXXXXX")
# checkpatch leaves a cache where it runs.
trap 'rm -rf "$tmp" "$TW_TOP"/.checkpatch-camelcase.git.*' EXIT
cd "$TW_TOP"

# defended FILE: the types of findings that style.defended explains for it.
defended() {
	local regex types reason all=''

	while read -r regex types reason; do
		[ "$regex" != '#' ] && [ -n "$reason" ] || continue
		[[ ! $1 =~ $regex ]] || all+=$types,
	done <"$TW_VM/steps/style.defended"
	printf '%s' "${all%,}"
}

while read -r f; do
	status=0
	perl "$checkpatch" --no-tree --strict --terse --show-types --no-summary \
		--ignore "$(defended "$f")" -f "$f" >"$tmp/why" 2>&1 || status=1
	tap_result $status "checkpatch: $f" "$tmp/why"
done < <(find module include selftests -name '*.[ch]' | LC_ALL=C sort)
tap_end
