#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# headers.sh: builds the module from headers that are not those of the kernel that it is
# for, as those of a kernel to come, or of a distribution, may be. A guest of the real
# kernel then loads it: what it took for granted and does not find there, it must do
# without. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
"$TW_VM/kernels/packages.sh"

kernel=$(tw_newest_kernel)
kdir=$("$TW_VM/kernels/kernels.sh" "$kernel" | tail -n 1)
release=$(cat "$kdir/release")
tree=$("$TW_VM/kernels/toolchain.sh" "$(cat "$kdir/toolchain")" | tail -n 1)
files=$("$TW_VM/guest/files.sh" "$kernel" | tail -n 1)
# Beside the originals: what is not edited is linked, not copied.
tmp=$(mktemp -d "$TW_CACHE/kernels/.headers.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/add/modules"
# What was changed for each module that was built
declare -A changed=()

# edit WHAT SED-SCRIPT HEADER: fails unless the header has changed
edit() {
	local header

	header=$(find "$tmp/$1"/usr/src/linux-headers-* -path "*/$3")
	sed -i.before "$2" "$header"
	! cmp -s "$header" "$header.before" || die "$3 is as it was"
	rm "$header.before"
}

# build WHAT: the module, from its headers, in $tmp/WHAT.build
build() {
	mkdir "$tmp/$1.build"
	tw_pack "$TW_TOP" | tar -x -C "$tmp/$1.build" --no-same-owner -m
	unshare --mount --propagation private "$TW_VM/kernels/in-tree.sh" "$tree" \
		"$tmp/$1" "$tmp/$1.build" make -C "/usr/src/linux-headers-$release" \
		M=/build -j2 "CC=$TW_CC" W=1 modules >"$tmp/log" 2>&1 </dev/null &&
		! grep -E '(warning|error):' "$tmp/log"
}

# variant WHAT: copies the headers; each edit follows, then `loads WHAT`
variant() {
	cp -al "$kdir/headers" "$tmp/$1"
}

loads() {
	local status=0

	build "$1" || status=$?
	tap_result $status "builds from headers with $2" "$tmp/log"
	[ $status = 0 ] || return 0
	changed[$1]=$2
	strip --strip-debug -o "$tmp/add/modules/$1.ko" "$tmp/$1.build/tw_summary.ko"
}

variant arguments
edit arguments 's/^\(int __inet_hash_connect(\)/\1struct net *net, /' \
	include/net/inet_hashtables.h
loads arguments "another first argument of __inet_hash_connect()"

variant lists
edit lists '/^static inline void hlist_nulls_del_init_rcu/,/^}/s/WRITE_ONCE(n->pprev, NULL);/;/' \
	include/linux/rculist_nulls.h
loads lists "a deletion that keeps pprev"

variant newer
edit newer "s/^#define LINUX_VERSION_CODE .*/#define LINUX_VERSION_CODE $(((99 << 16)))/" \
	include/generated/uapi/linux/version.h
loads newer "the version 99.0"
# One guest loads them one after the other.
[ ${#changed[@]} = 0 ] ||
	"$TW_VM/guest/run.sh" --kernel "$kernel" --add "$files" --add "$tmp/add" --icount \
		--log "${TW_LOG:-$TW_CACHE/logs/headers.log}" -- bash /tw/headers.sh \
		>"$tmp/output" 2>"$tmp/log" || :
sed 's/^/# /' "$tmp/output"
for what in arguments lists newer; do
	status=0
	if [ -n "${changed[$what]:-}" ]; then
		grep -qx "$what: all of it" "$tmp/output" || status=1
		tap_result $status "the module does without what has changed (${changed[$what]})" \
			"$tmp/log"
	fi
done
# What the guest's kernel has complained of
status=0
[ ! -s "$tmp/log" ] || status=1
tap_result $status "the kernel does not complain" "$tmp/log"
tap_end
