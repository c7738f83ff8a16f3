#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# programs.sh servers|fleet: makes sure that programs of Debian are in the cache, in a
# folder of their own with all that they need, and prints a folder for run.sh --add: a guest
# then has them in /servers or /fleet. They are unpacked, not installed: installing a server
# starts it.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

release=bookworm
packages=(base-files python3)
# What no program here needs to run. Alertmanager has templates in usr/share/prometheus.
unwanted=('usr/share/[!p]*' 'usr/share/pe*' usr/include usr/lib/apt usr/bin/perl
	'usr/lib/x86_64-linux-gnu/perl*' 'usr/lib/x86_64-linux-gnu/libperl*'
	usr/lib/x86_64-linux-gnu/gconv)
case ${1-} in
servers) packages+=(nginx-light haproxy apache2-utils util-linux ncurses-base) ;;
fleet)
	packages+=(prometheus prometheus-node-exporter prometheus-alertmanager)
	unwanted+=(usr/bin/amtool etc/prometheus) ;;
*) die "usage: programs.sh servers|fleet" ;;
esac
set=$1

id=$(cat "$0" | sha256sum | cut -c1-8)
out=$TW_CACHE/trees/$set-$id
if [ ! -e "$out" ]; then
	tw_lock "$set"
fi
if [ ! -e "$out" ]; then
	say "fetching ${packages[*]}"
	tw_apt_ready "$release" || exit 1
	mkdir -p "$TW_CACHE/trees"
	rm -rf "$TW_CACHE/trees/.$set".??????*
	tmp=$(mktemp -d "$TW_CACHE/trees/.$set.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	root=$tmp/$set
	tw_apt_unpack_tree "$release" "$root" "${packages[@]}" || exit 1
	# shellcheck disable=SC2068 # patterns
	(cd "$root" && rm -rf ${unwanted[@]})
	# What the packages' own scripts would have made.
	mkdir -p "$root"/{dev,proc,tmp,run} "$root"/var/{log,lib}/nginx
	printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' \
		'nobody:x:65534:65534:nobody:/:/bin/sh' >"$root/etc/passwd"
	printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' >"$root/etc/group"
	chmod 755 "$tmp"
	tw_publish "$tmp" "$out"
	find "$TW_CACHE/trees" -mindepth 1 -maxdepth 1 -name "$set-*" \
		! -path "$out" -mtime +1 -exec rm -rf {} +
fi
printf '%s\n' "$out"
