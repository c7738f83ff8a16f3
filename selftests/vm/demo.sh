#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh [KERNEL]: boots a Debian kernel (the newest that we know), lets a real nginx run
# out of ports, and shows what the module tells of it.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -le 1 ] || die "usage: demo.sh [KERNEL]"
kernel=${1:-$(tw_newest_kernel)}
tw_kernel_check "$kernel"
"$TW_VM/kernels/packages.sh"

# compiled SERVERS INTO: Python compiles each module again whenever it starts, because nothing
# is written in the guest. That is most of what twstat costs there. So the guest's own Python
# compiles its library, and what is in INTO, before; INTO gets the results.
compiled() {
	local servers=$1 into=$2 lib

	lib=$(cd "$servers" && echo usr/lib/python3.*)
	mkdir -p "$into/usr/lib"
	cp -a "$servers/$lib" "$into/usr/lib/"
	PYTHONHOME=$servers/usr "$servers/lib64/ld-linux-x86-64.so.2" \
		--library-path "$servers/lib/x86_64-linux-gnu:$servers/usr/lib/x86_64-linux-gnu" \
		"$servers/usr/bin/python3" -m compileall -q -s "$into" -p / "$into" >/dev/null ||
		say "the guest's Python does not run here: twstat will be slower"
	find "$into/$lib" ! -type d ! -name '*.pyc' -delete
}

say "building the module for Debian's kernel $kernel"
tw_guest_with_module "$kernel"
tools=$(mktemp -d "${TMPDIR:-/tmp}/tw-tools.XXXXXX")
trap 'rm -rf "$tools"' EXIT
tw_guest_with_tools "$tools"
compiled "$("$TW_VM/kernels/programs.sh" servers | tail -n 1)/servers" "$tools/servers"
say "booting it; the first line comes after some 15 seconds"
mkdir -p "$TW_CACHE/logs"
log=$TW_CACHE/logs/demo-$kernel.log
page=$TW_CACHE/logs/demo-$kernel.html
rm -f "$page"
# Its waiting costs nothing, and its numbers are always the same.
"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --icount --log "$log" -- \
	/tw/demo.sh | sed -u -e "/^<!DOCTYPE html>\$/,\$w $page" -e '/^<!DOCTYPE html>$/,$d' ||
	die "the demo failed, see $log"
cat "$TW_VM/inside/demo.txt"
[ -s "$page" ] || die "the demo has made no report, see $log"
printf '\nThe same record as a page for a ticket (twstat --report FILE.html):\n%s\n' "$page"
