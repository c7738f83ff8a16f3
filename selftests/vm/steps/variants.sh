#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# variants.sh [VARIANT...]: compiles the module for kernels that are not Debian's for
# x86_64, from the source of the newest one, as TAP: without a warning (W=1). It is not
# linked against them, and not run.
#	no-ipv6, no-tracepoints, no-memcg   without what the module can do without
#	rt				    with PREEMPT_RT
#	i386, arm64			    other machines
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

variants=("$@")
[ $# -gt 0 ] || variants=(no-ipv6 no-tracepoints no-memcg rt i386 arm64)
"$TW_VM/kernels/packages.sh" aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu
kdir=$("$TW_VM/kernels/kernels.sh" uml-time | tail -n 1)
source=$("$TW_VM/own/source.sh" "$(cat "$kdir/version")" | tail -n 1)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-variants.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# What differs: the arguments of make, and lines of the configuration.
arguments() {
	case $1 in
	i386) echo ARCH=i386 ;;
	arm64) echo ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- ;;
	*) echo ARCH=x86_64 ;;
	esac
}

lines() {
	case $1 in
	no-ipv6) echo '# CONFIG_IPV6 is not set' ;;
	no-tracepoints) echo '# CONFIG_FTRACE is not set' ;;
	no-memcg) ;;
	rt) printf '%s\n' CONFIG_EXPERT=y CONFIG_PREEMPT_RT=y CONFIG_BUG=y ;;
	i386) echo '# CONFIG_64BIT is not set' ;;
	esac
	[ "$1" = no-memcg ] || echo CONFIG_MEMCG=y
	printf '%s\n' CONFIG_SMP=y CONFIG_KPROBES=y CONFIG_INET_DIAG=y
}

# shape VARIANT CONFIG: fails unless the configuration is what the variant is about
shape() {
	case $1 in
	no-ipv6) ! grep -q '^CONFIG_IPV6=' "$2" ;;
	no-tracepoints) ! grep -q '^CONFIG_TRACEPOINTS=' "$2" ;;
	no-memcg) ! grep -q '^CONFIG_MEMCG=' "$2" ;;
	rt) grep -qx CONFIG_PREEMPT_RT=y "$2" ;;
	i386) grep -qx CONFIG_X86_32=y "$2" ;;
	arm64) grep -qx CONFIG_ARM64=y "$2" ;;
	esac
}

prepare() {
	local args

	read -ra args < <(arguments "$1")
	mkdir "$tmp/$1"
	{
		grep CONFIG_ "$TW_VM/own/common.config" |
			grep -vE 'CONFIG_(64BIT|MPTCP|MPTCP_IPV6|IPV6_MULTIPLE_TABLES)='
		lines "$1"
	} >"$tmp/$1.fragment"
	make -C "$source" "O=$tmp/$1" -s "${args[@]}" \
		KCONFIG_ALLCONFIG="$tmp/$1.fragment" allnoconfig </dev/null &&
		shape "$1" "$tmp/$1/.config" &&
		make -C "$tmp/$1" -s "-j$(nproc)" "${args[@]}" modules_prepare </dev/null
}

compile() {
	local args

	read -ra args < <(arguments "$1")
	mkdir "$tmp/$1.src"
	tw_pack "$TW_TOP" | tar -x -C "$tmp/$1.src" --no-same-owner -m
	make -C "$tmp/$1" "-j$(nproc)" "${args[@]}" W=1 KBUILD_MODPOST_WARN=1 \
		M="$tmp/$1.src" modules </dev/null
}

for v in "${variants[@]}"; do
	status=0
	if prepare "$v" >"$tmp/log" 2>&1 && compile "$v" >"$tmp/log" 2>&1; then
		# Without the whole kernel no symbol of it is known.
		grep -E '(warning|error):|^(WARNING|ERROR)' "$tmp/log" |
			grep -vE 'modpost:|Module\.symvers' >"$tmp/why" &&
			status=1
	else
		tail -n 20 "$tmp/log" >"$tmp/why"
		status=1
	fi
	tap_result $status "builds for the variant $v without a warning (W=1)" "$tmp/why"
	rm -rf "${tmp:?}/$v" "$tmp/$v.src"
done
tap_end
