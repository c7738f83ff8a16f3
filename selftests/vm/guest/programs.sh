# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Putting programs of this machine into a guest. Sourced.

# ldd may say /usr/lib where the loader of the guest looks in /lib.
merged_usr_undone() {
	sed 's,^/usr/lib,/lib,'
}

# copy_program ROOT NAME: the program and the libraries that it is linked to
copy_program() {
	local root=$1 path lib

	path=$(command -v "$2") || die "this machine has no program $2"
	mkdir -p "$root/bin"
	cp -L "$path" "$root/bin/$2"
	while read -r lib; do
		mkdir -p "$root$(dirname "$lib")"
		cp -Lu "$lib" "$root$lib"
	done < <({ ldd "$path" 2>/dev/null || :; } | grep -o '/[^ ]*' | merged_usr_undone)
}
