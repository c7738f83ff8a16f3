#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kernels.sh KERNEL: makes sure that the newest Debian kernel of that branch of which all is
# offered is in the cache, and prints its folder, which holds
#	vmlinux   the image, unpacked (boots seconds sooner in emulation); of arm64
#		  kernels it is kernel, as it was packed
#	release   its uname -r
#	version   of its Debian package
#	image     the package that its image is from
#	lists     the day of the package lists that it was chosen from
#	toolchain the Debian release whose compiler builds its modules
#	config    its configuration
#	modules/  its modules, as in /lib/modules/<release>
#	bzImage   the image as it was packed, but not of arm64
#	headers/  usr/src and usr/lib of its headers packages
# If the newest cannot be had, it takes the one before, or what is in the cache, and says
# so. TW_KERNEL_6_1=6.1.0-56 pins an ABI.
# For the kernels of our own it asks own/kernel.sh; User-mode Linux has its image
# as linux.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"
# shellcheck source=selftests/vm/kernels/offers.sh
. "$TW_VM/kernels/offers.sh"
# shellcheck source=selftests/vm/kernels/vmlinux.sh
. "$TW_VM/kernels/vmlinux.sh"
# shellcheck source=selftests/vm/kernels/fetch.sh
. "$TW_VM/kernels/fetch.sh"

[ $# = 1 ] || die "usage: kernels.sh KERNEL"
kernel=$1
tw_kernel_check "$kernel"
kernels=$TW_CACHE/kernels
# A link to the one that was used last.
link=$kernels/$kernel
if tw_is_own_kernel "$kernel"; then
	exec "$TW_VM/own/kernel.sh" "$kernel"
fi

arch=''
case $kernel in
*-rt) flavour="rt-amd64" ;;
*-arm64) flavour=arm64 arch=:arm64 ;;
*) flavour=amd64 ;;
esac
branch=${kernel%%-*}
pin=TW_KERNEL_${kernel//[.-]/_}
pin=${!pin:-}
if tw_is_arm64 "$kernel"; then
	"$TW_VM/kernels/packages.sh" aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu \
		/usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross \
		qemu-system-aarch64:qemu-system-arm
fi

# cached ABI: prints the folder of that kernel in the cache, of the newest package
cached() {
	find "$kernels" -mindepth 1 -maxdepth 1 -name "$1-${flavour}_*" 2>/dev/null | sort -V |
		tail -n 1
}

# candidates: "RELEASE ABI" for each kernel to try, the best first
candidates() {
	local release

	for release in "${TW_RELEASES[@]}"; do
		tw_offers "$release$arch" | tw_abis "${branch}" "$flavour" |
			{ if [ -n "$pin" ]; then grep -xF "$pin" || :; else head -n 3; fi; } |
			sed "s/^/$release$arch /" || :
	done
}

# unknown_releases: says of which releases there are no package lists
unknown_releases() {
	local release unknown=()

	for release in "${TW_RELEASES[@]}"; do
		[ -e "$TW_CACHE/apt/$release$arch/lists-of" ] || unknown+=("$release")
	done
	[ ${#unknown[@]} = 0 ] || printf ' (no package lists of %s)' "${unknown[*]}"
}

# get RELEASE ABI: $folder is that kernel. Else status 1, and $problem says why.
get() {
	local release=$1 abi=$2 packages version name=$2-$flavour tmp failed

	packages=$(tw_offers "$release" | tw_packages_of "$abi" "$flavour") || {
		problem="of $name Debian $release does not offer ${packages#missing }"
		return 1
	}
	version=${packages%%$'\n'*}
	version=${version#*=}
	folder=$kernels/${name}_$version
	[ ! -e "$folder" ] || return 0
	# A download that failed a moment ago is not tried again for each step.
	failed=$kernels/.failed/${folder##*/}
	if [ -n "$(find "$failed" -mmin -10 2>/dev/null)" ]; then
		problem=$(cat "$failed")
		return 1
	fi
	say "fetching Debian's kernel $name $version"
	tmp=$(mktemp -d "$kernels/.$kernel.XXXXXX")
	# shellcheck disable=SC2086 # one word a package
	if ! TW_UNAVAILABLE=$tmp/why tw_fetch_kernel "$name" "$release" "$tmp" $packages; then
		problem=$(tail -n 1 "$tmp/why")
		mkdir -p "$kernels/.failed"
		printf '%s\n' "$problem" >"$failed"
		rm -rf "$tmp"
		return 1
	fi
	rm -f "$tmp/why"
	printf '%s\n' "$version" >"$tmp/version"
	grep -oE '^linux-(image|binary)-[^=]*' <<<"$packages" >"$tmp/image"
	tw_apt_lists_of "$release" >"$tmp/lists"
	tw_publish "$tmp" "$folder"
}

# get_best: $folder is the best that Debian offers and the mirror has
get_best() {
	local release abi problems=''

	while read -r release abi; do
		if get "$release" "$abi"; then
			[ -z "$problems" ] || say "$problems: using $abi-$flavour instead"
			return
		fi
		problems+=${problems:+; }$problem
	done < <(candidates)
	why=${problems:-Debian offers no kernel $kernel${pin:+ $pin}$(unknown_releases)}
	return 1
}

# use: the kernel in $folder is the one
use() {
	tw_make_current "$link" "$folder" "$branch.*[0-9]-${flavour}_*"
	printf '%s\n' "$folder"
	exit
}

# A run of the check pins what it has chosen, so that all its steps have the same.
if [ -n "$pin" ]; then
	folder=$(cached "$pin")
	[ -z "$folder" ] || use
fi
mkdir -p "$kernels"
tw_lock "kernel-$kernel"
# Nobody else fetches it now: such a name was left by one who was killed.
rm -rf "$kernels/.$kernel".??????
# A failed download has brought new lists, which may name another one.
if get_best || get_best; then
	# Of the same day as the lists that have it as the best still.
	tw_apt_lists_of "$(sed 's/-/:/' "$folder/toolchain")" >"$folder/lists"
	use
fi
folder=$(readlink -e "$link" || :)
if [ -n "$pin" ] || [ -z "$folder" ] || [ ! -e "$folder/lists" ]; then
	tw_unavailable "$why, and none is in the cache"
	exit
fi
say "$why: using $(cat "$folder/release") of the cache, of the lists of $(cat "$folder/lists")"
use
