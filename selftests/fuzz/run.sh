#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [SEED [COUNT]]: the parser of /proc/net/tw_thresholds in user space, with
# COUNT (1,000,000) generated lines, under ASan and UBSan, as TAP. The seed is
# another one each time, unless it is given.
set -euo pipefail
cd "$(dirname "$0")"

seed=${1:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
count=${2:-1000000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-fuzz.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# Addresses are read as words here and as bytes there, as the kernel does.
gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -fno-strict-aliasing \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-I include -I ../../module -I . -o "$tmp/fuzz" \
	fuzz.c generate.c kernel.c ../../module/compute/rule_parse.c \
	../../module/compute/rules.c
"$tmp/fuzz" "$seed" "$count"
