#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# systemd-tree.sh: makes sure that a small Debian 12 with systemd, dpkg and Python is in the
# cache, installed as its packages want it, and prints a folder for run.sh --add. A guest
# that starts /tw/systemd.sh (run.sh --append rdinit=/tw/systemd.sh) boots it from /machine.
# Another list of packages, or another point release, is another tree.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"

release=bookworm
log=$TW_CACHE/logs/systemd-tree.log
# What nothing reads there; generators and units that find nothing to do there, and take
# time at each daemon-reload.
unwanted=(usr/share/doc usr/share/man usr/share/locale usr/share/info usr/share/lintian
	usr/lib/x86_64-linux-gnu/gconv var/cache/apt var/lib/apt/lists
	usr/lib/systemd/system-generators)
masked=(getty.target systemd-logind.service systemd-firstboot.service fstrim.timer
	dpkg-db-backup.timer systemd-tmpfiles-clean.timer systemd-pstore.service
	systemd-random-seed.service systemd-update-utmp.service
	systemd-update-utmp-runlevel.service)

make_tree() {
	local tmp unit

	say "making a small tree of $release with systemd"
	rm -rf "$TW_CACHE"/trees/.systemd.??????
	tmp=$(mktemp -d "$TW_CACHE/trees/.systemd.XXXXXX")
	# shellcheck disable=SC2064 # tmp is local: expand it now
	trap "rm -rf '$tmp'" EXIT
	mmdebstrap --mode=root --variant=essential --architectures=amd64 \
		--include=systemd-sysv,python3,kmod \
		--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr \
		"$release" "$tmp/machine" "$TW_CACHE/apt/$release/sources.list" \
		>"$log" 2>&1 </dev/null ||
		tw_unavailable "cannot make a tree of $release with systemd: $(tw_apt_reason "$log")" ||
		exit
	(cd "$tmp/machine" && rm -rf "${unwanted[@]}")
	for unit in "${masked[@]}"; do
		ln -sf /dev/null "$tmp/machine/etc/systemd/system/$unit"
	done
	# Without one systemd takes this for the first boot of all.
	printf '%032d\n' 1 >"$tmp/machine/etc/machine-id"
	chmod 755 "$tmp" "$tmp/machine"
	tw_publish "$tmp" "$tree"
	find "$TW_CACHE/trees" -mindepth 1 -maxdepth 1 -name "systemd-????????" ! -path "$tree" \
		-mtime +1 -exec rm -rf {} +
}

"$TW_VM/kernels/packages.sh" mmdebstrap:mmdebstrap
tw_apt_ready "$release" || exit
mkdir -p "$TW_CACHE/trees" "$TW_CACHE/logs"
id=$(cat "$0" "$TW_CACHE/apt/$release/state/lists/"*"_dists_${release}_"*Release |
	sha256sum | cut -c1-8)
tree=$TW_CACHE/trees/systemd-$id
[ -e "$tree" ] || tw_lock tree-systemd
[ -e "$tree" ] || make_tree
touch "$tree"
printf '%s\n' "$tree"
