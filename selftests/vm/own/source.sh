#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# source.sh VERSION: unpacks the source of Debian's newest kernel, of that package
# version, with our patches, into the cache, and prints the folder. All kernels of our own
# are built beside it.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

[ $# = 1 ] || die "usage: source.sh VERSION"
version=$1
package=linux-source-$(tw_newest_kernel)
patches=("$TW_VM"/own/*.patch)
source=$TW_CACHE/sources/$package-$version-$(cat "${patches[@]}" | sha256sum |
	cut -c1-8)

# Without most of what is never built: drivers and other architectures. Every Kconfig and
# Makefile stays.
unpack() {
	dpkg-deb --fsys-tarfile "$1/$package"_*.deb |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ -C "$2" --strip-components=1 --no-same-owner \
			--exclude='*/drivers/gpu/*.[ch]' \
			--exclude='*/drivers/media/*.[ch]' \
			--exclude='*/drivers/staging/*.[ch]' \
			--exclude='*/drivers/net/*/*.[ch]' \
			--exclude='linux-source-*/sound/*.[ch]' \
			--exclude='*/Documentation/*.rst' \
			--exclude='*/Documentation/*.yaml' \
			--exclude='*.dts' --exclude='*.dtsi'
}

get_source() {
	local new=$TW_CACHE/sources/.new p

	rm -rf "$TW_CACHE/sources"
	mkdir -p "$new/tree"
	say "fetching $package $version"
	tw_apt_download trixie "$new/debs" "$package=$version" || exit
	unpack "$new/debs" "$new/tree" || die "cannot unpack $package"
	for p in "${patches[@]}"; do
		patch -s -p1 -d "$new/tree" <"$p" ||
			die "$p does not fit $package $version"
	done
	chmod 755 "$new/tree"
	tw_publish "$new/tree" "$source"
	rm -rf "$new"
}

if [ ! -e "$source" ]; then
	tw_lock "source-$package"
	[ -e "$source" ] || get_source
fi
printf '%s\n' "$source"
