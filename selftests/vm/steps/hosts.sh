#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# hosts.sh [RELEASE...]: the harness names every package that it uses. In a minimal tree of
# Debian 12, and in one of Debian 13, it installs them, then does what `make demo` does
# first: it builds the module and the test programs, and boots a guest. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

releases=("$@")
[ $# -gt 0 ] || releases=(bookworm trixie)
"$TW_VM/kernels/packages.sh" mmdebstrap:mmdebstrap
kernel=$(tw_newest_kernel)
vm=/project/selftests/vm

tw_lock hosts
mkdir -p "$TW_CACHE/hosts"
rm -rf "$TW_CACHE"/hosts/??????
work=$(mktemp -d "$TW_CACHE/hosts/XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=packaging/lib.sh
(. "$TW_TOP/packaging/lib.sh" && copy_project "$work/layer/project")

# Programs that were missing, whoever wanted them, each line once.
missing() {
	{
		grep -rh 'command not found' "$work/$release/cache/logs"
		grep -h 'not found$' "$work/$release"/cache/build/*/*/build.log
	} 2>/dev/null | sort -u | grep .
}

# host WHAT COMMAND...: a point of TAP: COMMAND works there, and no program is missing. Its
# output is in $work/said.
host() {
	local what=$1 status=0

	shift
	"$TW_VM/steps/on-host.sh" "$release" "$work/layer:$tree" "$work/$release" "$@" \
		>"$work/said" 2>"$work/errors" </dev/null || status=1
	! missing >"$work/why" || status=1
	cat "$work/errors" "$work/said" >>"$work/why"
	tap_result $status "$release: $what" "$work/why"
	rm -rf "$work/$release/cache/logs"
}

last_line() {
	tail -n 1 "$work/said"
}

first_commands() {
	local kdir built files

	host "there is Debian's kernel $kernel" $vm/kernels/kernels.sh "$kernel"
	kdir=$(last_line)
	# shellcheck disable=SC2016 # the bash there expands it
	host "its image is unpacked" bash -c '. "$1/lib.sh"; . "$1/kernels/vmlinux.sh"
		tw_vmlinux "$2/bzImage" /tmp/vmlinux && cmp /tmp/vmlinux "$2/vmlinux"' \
		- $vm "$kdir"
	# shellcheck disable=SC2016
	host "there is its compiler" bash -c '"$1/kernels/toolchain.sh" "$(cat "$2/toolchain")"' \
		- $vm "$kdir"
	host "the module is built" $vm/kernels/build.sh "$kernel" /project
	built=$(last_line)
	host "the test programs are built" $vm/guest/files.sh "$kernel"
	files=$(last_line)
	host "a guest boots" $vm/guest/run.sh --kernel "$kernel" --module "$built/tw_summary.ko" \
		--add "$files" -- sh -c 'modprobe tw_summary && cat /proc/net/tw_summary'
}

for release in "${releases[@]}"; do
	status=0
	tree=$("$TW_VM/steps/hosts-tree.sh" "$release" "$work/layer" 2>"$work/why") || status=$?
	if [ $status = 2 ]; then
		tap_point ok "$release: first commands # SKIP $(tail -n 1 "$work/why")"
		continue
	fi
	tap_result $status "$release: packages.sh installs what it names" "$work/why"
	[ $status != 0 ] || first_commands
done
tap_end
