#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# hosts-tree.sh RELEASE PROJECT: makes sure that a minimal tree of that Debian release is in
# the cache, where packages.sh has installed what it names, and prints its layers for
# on-host.sh. Before that it has Debian's essential packages, apt and make. PROJECT is a
# layer with this project in /project. Another list of packages, or another point release,
# is another tree.
# Status 2 means that there is no tree, for want of a network or the like, and 1 that
# packages.sh has failed. hosts.sh holds a lock.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

[ $# = 2 ] || die "usage: hosts-tree.sh RELEASE PROJECT"
release=$1
project=$2
log=$TW_CACHE/logs/hosts-tree-$release.log
mkdir -p "$TW_CACHE/logs" "$TW_CACHE/trees"

# Without perl, which a package of bookworm would bring that makes /bin a link.
minimal() {
	local include=make

	# An apt that reads its mirror by https needs its certificates.
	! grep -q https: "$TW_CACHE/apt/$release/sources.list" || include+=,ca-certificates
	apt-config dump | grep -E '^Acquire::https?::Proxy "' >"$tmp/proxy" || :
	mmdebstrap --mode=root --variant=apt --include=$include --architectures=amd64 \
		--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr \
		--aptopt="$tmp/proxy" "$release" "$tmp/base" \
		"$TW_CACHE/apt/$release/sources.list" >"$log" 2>&1 </dev/null
}

install_packages() {
	local run=("$TW_VM/steps/on-host.sh" "$release" "$project:$tmp/base" "$tmp/run")

	if ! "${run[@]}" /project/selftests/vm/kernels/packages.sh >>"$log" 2>&1 </dev/null; then
		cat "$tmp/run/cache/logs/packages.log" >>"$log" 2>/dev/null || :
		return 1
	fi
	"${run[@]}" apt-get autoclean >>"$log" 2>&1 </dev/null
	mv "$tmp/run/upper" "$tmp/installed"
	rm -rf "$tmp/run" "$tmp/proxy" "$tmp/installed/var/lib/apt/lists" \
		"$tmp/installed"/var/cache/apt/*.bin
}

make_tree() {
	say "making a minimal tree of $release, with the packages that the harness names"
	rm -rf "$TW_CACHE/trees/.host-$release".??????
	tmp=$(mktemp -d "$TW_CACHE/trees/.host-$release.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	minimal || {
		say "cannot make a tree of $release (no network?), see $log"
		exit 2
	}
	install_packages || {
		say "packages.sh fails on $release, see $log"
		exit 1
	}
	chmod 755 "$tmp"
	rm -rf "$TW_CACHE/trees/host-$release"-????????
	tw_publish "$tmp" "$tree"
}

tw_apt_ready "$release" || exit 2
id=$(cat "$0" "$TW_VM/kernels/packages.sh" \
	"$TW_CACHE/apt/$release/state/lists/"*"_dists_${release}_"*Release |
	sha256sum | cut -c1-8)
tree=$TW_CACHE/trees/host-$release-$id
[ -e "$tree" ] || make_tree
printf '%s\n' "$tree/installed:$tree/base"
