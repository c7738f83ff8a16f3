#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# counted.sh [KERNEL...]: what one answer costs on Debian's kernels (6.12 and the newest)
# beside /proc/net/tcp, ss, and a BPF iterator, in instructions: they do not depend on the
# machine. The guest counts them instead of time.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

here=$TW_TOP/selftests/bench
kernels=("$@")
[ $# -gt 0 ] || kernels=(6.12 "$(tw_newest_kernel)")
"$TW_VM/kernels/packages.sh" clang:clang \
	/usr/include/bpf/libbpf.h:libbpf-dev /usr/include/zlib.h:zlib1g-dev

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bench"
cp "$here/inside/counted.sh" "$tmp/bench/"
clang -O2 -g -target bpf -I/usr/include/x86_64-linux-gnu -Wall \
	-c "$here/bpf/count.bpf.c" -o "$tmp/bench/count.bpf.o"
gcc -O2 -Wall -static "$here/bpf/count.c" -o "$tmp/bench/count" -lbpf -lelf -lz

printf '%-24s %9s %-14s %12s\n' kernel timewaits what instructions
for k in "${kernels[@]}"; do
	tw_build_args "$k"
	tw_guest_with_module "$k" "${TW_BUILD[@]}"
	"$TW_VM/guest/run.sh" "${TW_GUEST[@]}" --add "$tmp" --icount --timeout 600 -- \
		/bench/counted.sh 20 700 |
		while read -r release n what instructions; do
			printf '%-24s %9d %-14s %12d\n' "$release" "$n" "$what" \
				"$instructions"
		done
done
