# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Puts a kernel of Debian into a folder, in the form that kernels.sh describes. Sourced
# after apt.sh and vmlinux.sh.

# tw_unpack_image DEB DIR: image, configuration and the modules that a guest can use, out
# of thousands. Up to 6.12 the first two are in /boot, later beside the modules.
# Not each package has some of each, which tar takes for an error.
tw_unpack_image() {
	dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --no-same-owner \
		--wildcards --no-anchored \
		'vmlinuz*' 'config-*' '*/modules/*/config' \
		'modules.builtin*' 'modules.order' \
		'kernel/net' 'kernel/lib' 'kernel/crypto' 'kernel/arch' \
		'kernel/drivers/net/*.ko*' 'kernel/drivers/net/vrf*' \
		2>/dev/null || :
}

# From 7.x on a build with C=1 first asks a script whether sparse is of use, and
# drops C=1 if it is not. Debian's headers lack that script: here is one.
tw_add_checker_test() {
	local dir

	for dir in "$1"/usr/lib/linux-kbuild-*/scripts; do
		[ ! -e "$dir/checker-valid.sh" ] || continue
		cat >"$dir/checker-valid.sh" <<-'EOF'
			#!/bin/sh
			# checker-valid.sh CHECKER FLAGS...: prints 1 if it checks C.
			f=$(mktemp --suffix=.c) || exit
			echo 'extern int a; int a;' >"$f"
			if "$@" "$f" >/dev/null 2>&1; then echo 1; else echo 0; fi
			rm -f "$f"
		EOF
		chmod 755 "$dir/checker-valid.sh"
	done
}

# tw_download_kernel RELEASE DIR PACKAGE...: of a machine of another kind too; the tools that
# build modules run here, whatever machine the modules are for.
tw_download_kernel() {
	local release=$1 dir=$2 package own=() tools=()

	shift 2
	for package; do
		case $release-$package in
		*:*-linux-kbuild-*) tools+=("${package%%=*}") ;;
		*) own+=("$package") ;;
		esac
	done
	tw_apt_download "$release" "$dir" "${own[@]}" || return
	[ ${#tools[@]} = 0 ] || {
		tw_apt_ready "${release%:*}" &&
			tw_apt_download "${release%:*}" "$dir" "${tools[@]}"
	}
}

# tw_fetch_kernel NAME RELEASE DIR PACKAGE...: makes DIR the kernel NAME (as uname -r says)
# out of these packages of RELEASE. See tw_unavailable() if they cannot be had, or have not all
# of it.
tw_fetch_kernel() {
	local name=$1 release=$2 dir=$3 deb image config modules

	shift 3
	tw_download_kernel "$release" "$dir/debs" "$@" || return
	mkdir -p "$dir/image" "$dir/headers"
	for deb in "$dir"/debs/*.deb; do
		case $deb in
		*/linux-headers-* | */linux-kbuild-*)
			dpkg-deb -x "$deb" "$dir/headers" || {
				tw_unavailable "${deb##*/} of $name is damaged"
				return
			} ;;
		*)
			tw_unpack_image "$deb" "$dir/image" ;;
		esac
	done
	image=$(find "$dir/image" -type f -name 'vmlinuz*')
	config=$(find "$dir/image" -type f -name 'config*')
	modules=$(find "$dir/image" -type d -path "*/lib/modules/$name/kernel")
	if ! [ -e "$image" ] || ! [ -e "$config" ] || ! [ -d "$modules/net" ] ||
		! [ -d "$dir/headers/usr/src/linux-headers-$name" ]; then
		tw_unavailable "not all of the kernel $name is in its packages: $*"
		return
	fi
	case $release in
	*:*)
		mv "$image" "$dir/kernel" ;;
	*)
		tw_vmlinux "$image" "$dir/vmlinux" || {
			tw_unavailable "cannot unpack the image of $name"
			return
		}
		mv "$image" "$dir/bzImage" ;;
	esac
	tw_add_checker_test "$dir/headers"
	mv "$config" "$dir/config"
	mv "${modules%/kernel}" "$dir/modules"
	rm -f "$dir/modules"/vmlinuz*
	printf '%s\n' "$name" >"$dir/release"
	printf '%s\n' "${release/:/-}" >"$dir/toolchain"
	rm -rf "$dir/debs" "$dir/image"
	chmod 755 "$dir"
}
