# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For steps that try dkms in a Debian 12 tree made for it, so this machine stays as it is.
# Sourced, with $STEP, the step's name, set: what follows runs in a mount namespace of its
# own. $WORK is a folder that goes in the end, $ROOT the tree, $VERSION ours.
# shellcheck disable=SC2034 # for those who source this
# shellcheck source=selftests/vm/kernels/apt.sh
. "$TW_VM/kernels/apt.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TW_TOP/dkms.conf")
OLD=0.0.1
LOG=$TW_CACHE/logs/$STEP.log

# In a mount namespace of our own, which takes all mounts away when we end.
if [ -z "${TW_MACHINE_INSIDE-}" ]; then
	as=()
	[ "$(id -u)" = 0 ] || as=(--map-root-user)
	TW_MACHINE_INSIDE=1 exec unshare "${as[@]}" --mount --propagation private \
		"$BASH" "$0" "$@"
fi

mkdir -p "$TW_CACHE/dkms" "$TW_CACHE/logs"
tw_lock "machine-$STEP"
# What a run left that was killed: nobody else is at work here now.
rm -rf "$TW_CACHE"/dkms/."$STEP".work.*
: >"$LOG"
WORK=$(mktemp -d "$TW_CACHE/dkms/.$STEP.work.XXXXXX")
# shellcheck disable=SC2317 # called by the trap
cleanup() {
	umount -R "$WORK"/*/root 2>/dev/null || :
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# check WHAT COMMAND...: one line of TAP; a failure has its end of the log.
check() {
	local what=$1 from status=0

	shift
	printf '==== %s\n' "$what" >>"$LOG"
	from=$(wc -l <"$LOG")
	"$@" >>"$LOG" 2>&1 </dev/null || status=1
	{
		tail -n "+$((from + 1))" "$LOG" | tail -n 15
		echo "all of it: $LOG"
	} >"$WORK/why"
	tap_result $status "$STEP: $what" "$WORK/why"
}

# machine NAME: the tree that the commands below work in.
machine() {
	ROOT=$WORK/$1/root
}

# The same objects are compiled many times, so ccache is in front of the compiler.
in_tree() {
	chroot "$ROOT" /usr/bin/env -i PATH=/ccache/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME=/tmp LC_ALL=C CCACHE_DIR=/ccache CCACHE_DEPEND=1 \
		DEBIAN_KERNEL_USE_CCACHE=yes \
		"CCACHE_MAXSIZE=$CCACHE_MAXSIZE" "$@"
}

# dkms_package RELEASE: the folder with that Debian's dkms unpacked.
dkms_package() {
	local version dir tmp

	tw_apt_ready "$1" || exit
	version=$(tw_apt "$1" apt-cache show dkms |
		sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "Debian $1 offers no dkms"
	dir=$TW_CACHE/dkms/$1-$version
	if [ ! -e "$dir" ]; then
		tmp=$(mktemp -d "$TW_CACHE/dkms/.$1.XXXXXX")
		tw_apt_download "$1" "$tmp/deb" dkms || exit
		dpkg-deb -x "$tmp"/deb/dkms_*.deb "$tmp/dkms"
		chmod 755 "$tmp/dkms"
		tw_publish "$tmp/dkms" "$dir"
		rm -rf "$tmp"
	fi
	printf '%s\n' "$dir"
}

# variant NAME SED-SCRIPT FILE: a copy of the sources with a change.
variant() {
	cp -r "$ROOT/sources" "$ROOT/$1"
	sed -i "$2" "$ROOT/$1/$3"
	! cmp -s "$ROOT/$1/$3" "$ROOT/sources/$3" || die "nothing to change in $3"
}

# status_is LINE...: all that dkms has to say of us.
status_is() {
	diff <([ $# = 0 ] || printf '%s\n' "$@" | sort) \
		<(in_tree dkms status -m tw_summary | sort)
}

installed_line() {
	printf 'tw_summary/%s, %s, x86_64: installed\n' "$1" "$2"
}

ko_of() {
	echo "/lib/modules/$1/updates/dkms/tw_summary.ko"
}

# loads_version VERSION RELEASE: what modprobe would load there.
loads_version() {
	[ "$(in_tree modinfo -k "$2" -F filename tw_summary)" = "$(ko_of "$2")" ] &&
		[ "$(in_tree modinfo -k "$2" -F version tw_summary)" = "$1" ] &&
		[ "$(in_tree modinfo -k "$2" -F vermagic tw_summary |
			cut -d' ' -f1)" = "$2" ]
}

all_have() {
	local r

	for r in "${releases[@]}"; do
		loads_version "$1" "$r" || return 1
	done
	status_is "$(installed_line "$1" "${releases[0]}")" \
		"$(installed_line "$1" "${releases[1]}")"
}

# fails_saying REGEX COMMAND...: it fails, and one line of it says that.
fails_saying() {
	local regex=$1

	shift
	! "$@" >"$WORK/said" 2>&1 || {
		echo "it did not fail"
		return 1
	}
	cat "$WORK/said"
	[ "$(grep -cE "$regex" "$WORK/said")" = 1 ]
}

# Every file of the tree, and the content of the files that list the modules.
state() {
	in_tree find / -xdev '(' -path /proc -o -path /tmp -o -path /sources \
		-o -path /older -o -path /broken -o -path /packages \
		-o -path /ccache ')' -prune \
		-o -type d -printf '%y %m %p\n' \
		-o -printf '%y %m %p %s %l\n' | LC_ALL=C sort
	in_tree sh -c 'cksum /lib/modules/*/modules.*'
}

# as_before FILE: the tree is as FILE says; else it shows what differs.
as_before() {
	state | diff "$1" -
}

# kernels KERNEL...: makes sure of them; their releases are in releases
releases=()
kernels() {
	local k kdir

	for k; do
		kdir=$("$TW_VM/kernels/kernels.sh" "$k" | tail -n 1)
		releases+=("$(cat "$kdir/release")")
	done
}
