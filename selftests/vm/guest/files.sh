#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# files.sh KERNEL: puts the parts of selftests/ that a guest of KERNEL needs into the cache,
# with the test programs compiled, and prints the folder (for run.sh --add). It writes
# nothing into the checkout.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# = 1 ] || die "usage: files.sh KERNEL"
src=$TW_TOP/selftests
compiler=gcc
! tw_is_arm64 "$1" || compiler=aarch64-linux-gnu-gcc
pack() {
	tar -C "$src" -c --sort=name --mtime=@0 --owner=0 --group=0 \
		--numeric-owner --exclude=./vm --exclude=./fuzz --exclude=./mutants --exclude=./bench \
		--exclude-from="$src/.gitignore" --exclude='*.o' --exclude='*-log' .
}

id=$( (
	pack
	$compiler --version
	cat "$TW_VM"/inside/*.sh
) | sha256sum | cut -c1-16)
out=$TW_CACHE/selftests/$id
if [ ! -e "$out" ]; then
	mkdir -p "$TW_CACHE/selftests" "$TW_CACHE/logs"
	tmp=$(mktemp -d "$TW_CACHE/selftests/.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	mkdir -p "$tmp/src" "$tmp/out/tw"
	pack | tar -x -C "$tmp/src" --no-same-owner -m
	log=$TW_CACHE/logs/selftests.log
	make -C "$tmp/src" install "CC=$compiler" DESTDIR="$tmp/out" >"$log" 2>&1 </dev/null ||
		die "the test programs do not build, see $log"
	cp "$TW_VM"/inside/*.sh "$tmp/out/tw/"
	tw_publish "$tmp/out" "$out"
	find "$TW_CACHE/selftests" -mindepth 1 -maxdepth 1 -mtime +3 \
		-exec rm -rf {} +
fi
touch "$out"
printf '%s\n' "$out"
