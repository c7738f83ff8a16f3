#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# faults.sh: memory runs out while the module is loaded and while a namespace is
# made. In the debug kernel each of its allocations fails once; nothing worse than
# ENOMEM may come of it, and nothing may leak. TAP. (For reads there is
# test_free_no_memory.sh.)
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/../lib.sh"

"$TW_VM/packages.sh"
tw_guest_with_module "$TW_DEBUG_KERNEL"
log=$TW_CACHE/logs/faults.log
mkdir -p "$TW_CACHE/logs"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-faults.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/tw"
gcc -O2 -Wall -Wextra -o "$tmp/tw/faults" "$TW_VM/debug/faults.c" ||
	die "faults.c was not built"
cp "$TW_VM/debug/guest_faults.sh" "$tmp/tw/"

# The page allocator tells of an allocation that failed with a trace, and says no
# more of it here than that (mm/page_alloc.c:warn_alloc; vmalloc by way of the
# return probe's pool). Whatever is worse names itself in a line of its own.
"$TW_VM/run.sh" "${TW_GUEST[@]}" --add "$tmp" --timeout 1800 --log "$log" \
	--allow 'Call Trace:|page allocation failure' -- \
	/tw/guest_faults.sh
