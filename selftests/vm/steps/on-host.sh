#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# on-host.sh RELEASE LOWER DIR COMMAND...: runs COMMAND on a machine of that Debian release.
# Its files are in the folder LOWER, or several as overlayfs has them. What it writes goes
# to DIR, where upper has its changes and cache is its TW_CACHE, of which it shares what was
# downloaded. A bash there notes in cache/logs/missing which programs it has not found, also
# where nobody reads what it says.
# The mounts are in a namespace of their own and go with it, so DIR can be removed.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# -ge 4 ] || die "usage: on-host.sh RELEASE LOWER DIR COMMAND..."
if [ -z "${TW_ON_HOST-}" ]; then
	as=()
	[ "$(id -u)" = 0 ] || as=(--map-root-user)
	TW_ON_HOST=1 exec unshare "${as[@]}" --mount --propagation private \
		"$BASH" "$0" "$@"
fi
release=$1
lower=$2
dir=$3
shift 3
root=$dir/root

mkdir -p "$dir"/{root,upper,work,cache/logs}
mount -t overlay none "$root" \
	-o "userxattr,lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work"
mkdir -p "$root"/{cache,proc,dev,tmp} "$root/var/cache/apt/archives"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
for f in /etc/resolv.conf /etc/hosts; do
	[ ! -e $f ] || cp -L $f "$root/etc/"
done

# share FOLDER PLACE
share() {
	mkdir -p "$TW_CACHE/$1" "$2"
	mount --bind "$TW_CACHE/$1" "$2"
}
mount --bind "$dir/cache" "$root/cache"
for f in apt kernels trees ccache locks; do
	share $f "$root/cache/$f"
done
share "debs/$release" "$root/var/cache/apt/archives"

# shellcheck disable=SC2016 # the bash there expands it
note='() { echo "$1: command not found" | tee -a /cache/logs/missing >&2; return 127; }'
exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
	TW_CACHE=/cache "BASH_FUNC_command_not_found_handle%%=$note" \
	${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
	"$@"
