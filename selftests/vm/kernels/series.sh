#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# series.sh [new]: the branches of kernels that can be had, oldest first: tested ones that
# Debian offers or that are in the cache, and newer ones that it offers. `new` prints the
# latter only.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"
# shellcheck source=selftests/vm/kernels/offers.sh
. "$TW_VM/kernels/offers.sh"

offered() {
	local release

	for release in "${TW_RELEASES[@]}"; do
		[ -n "$(tw_offers "$release" | tw_abis "$1" amd64)" ] && return
	done
	return 1
}

if [ "${1:-}" != new ]; then
	for branch in "${TW_TESTED[@]}"; do
		if [ -e "$TW_CACHE/kernels/$branch/lists" ] || offered "$branch"; then
			echo "$branch"
		fi
	done
fi
tw_newer_branches
