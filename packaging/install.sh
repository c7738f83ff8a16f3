#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# install.sh (make install): dkms builds and installs the module for the running
# kernel and all later ones, and it is loaded, now and at boot. What it takes is
# installed by apt where there is apt. An installed version is replaced, for all
# the kernels that had it, but only once the new one has been seen to build.
# TW_RELEASE=... installs for another kernel than the running one.
# DESTDIR=... copies what a package has, below that folder, and does nothing else.
set -euo pipefail
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

VERSION=$(project_version)
SOURCE=/usr/src/$NAME-$VERSION
HEADERS=/lib/modules/$RELEASE/build

# Only what a build needs.
copy_sources() {
	local folders=(module)

	[ ! -d "$TOP/include" ] || folders+=(include)
	mkdir -p "$1"
	(
		cd "$TOP"
		find "${folders[@]}" -path module/tests -prune -o \
			'(' -name '*.[ch]' -o -name '*.mk' ')' \
			-exec cp --parents -t "$1" {} +
		cp Kbuild Makefile dkms.conf "$1"
	)
}

is_installed() {
	registered | grep -qxF "$VERSION $RELEASE installed" &&
		diff -r "$1" "$SOURCE" >/dev/null 2>&1
}

have_headers() {
	[ -e "$HEADERS/Makefile" ]
}

install_packages() {
	local missing=() flavour

	command -v dkms >/dev/null || missing+=(dkms)
	have_headers || missing+=("linux-headers-$RELEASE")
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
		die "please install dkms and the headers of kernel $RELEASE" \
			"first: there is no apt-get here to do it"
	install_by_apt "${missing[@]}"
	have_headers || die "$HEADERS has no headers of kernel $RELEASE"
	# The headers of one kernel say nothing of the next one.
	flavour=$(sed -E 's/^[0-9.]+(-[0-9]+)?(\+[^-]*)?-//' <<<"$RELEASE")
	dpkg -s "linux-headers-$flavour" >/dev/null 2>&1 ||
		say "for later kernels too: apt-get install linux-headers-$flavour"
}

# What does not build is told before anything is changed.
try_build() {
	local why

	say "building $NAME $VERSION for $RELEASE"
	make -C "$1" -j"$(nproc)" KDIR="$HEADERS" >>"$LOG" 2>&1 </dev/null &&
		return
	why=$(sed -n -E 's/^.*(error: |\*\*\* )(.*[^.])(\.  Stop\.)?$/\2/p' \
		"$LOG" | head -n 1)
	die_with_log "$NAME does not build for $RELEASE: ${why:-make failed}"
}

replace() {
	local kernel kernels

	# The kernels that had an older version are to have this one.
	kernels=$(registered | awk -v k="$RELEASE" \
		'$3 == "installed" && $2 != k { print $2 }' | sort -u)
	forget || die_with_log "dkms cannot remove the version that is there"
	rm -rf "$SOURCE"
	copy_sources "$SOURCE"
	dkms add -m "$NAME" -v "$VERSION" >>"$LOG" 2>&1 ||
		die_with_log "dkms does not take $SOURCE"
	dkms install -m "$NAME" -v "$VERSION" -k "$RELEASE" >>"$LOG" 2>&1 ||
		die_with_log "dkms cannot install $NAME for $RELEASE"
	for kernel in $kernels; do
		say "building $NAME $VERSION for $kernel"
		dkms install -m "$NAME" -v "$VERSION" -k "$kernel" \
			>>"$LOG" 2>&1 ||
			say "not for $kernel: dkms install -m $NAME" \
				"-v $VERSION -k $kernel says why"
	done
}

# A module that is loaded and the same stays: it has counts to keep.
load() {
	local new

	if is_loaded; then
		new=$(modinfo -k "$RELEASE" -F srcversion "$NAME")
		[ "$(cat "/sys/module/$NAME/srcversion")" != "$new" ] || return 0
		modprobe -r "$NAME" ||
			die "the $NAME that is loaded is in use: the new one" \
				"is installed and comes with the next boot"
	fi
	modprobe "$NAME" ||
		die "$NAME is installed but the kernel does not take it," \
			"dmesg says why (Secure Boot wants a signed module)"
}

# Packages have it in /usr, and the monitor's settings too.
copy_for_package() {
	local conf=$DESTDIR/usr/lib/modules-load.d

	copy_sources "$DESTDIR$SOURCE"
	mkdir -p "$conf" "$DESTDIR/etc/sysctl.d"
	printf '%s\n' "$NAME" >"$conf/$NAME.conf"
	cp "$TOP/packaging/50-$NAME.conf" "$DESTDIR/etc/sysctl.d/"
}

if [ -n "${DESTDIR-}" ]; then
	copy_for_package
	exit
fi
need_root
no_package
[ -n "$VERSION" ] || die "no PACKAGE_VERSION in dkms.conf"
! is_running || [ -e /proc/modules ] ||
	die "the running kernel $RELEASE loads no modules"
start_log install
# Always the same folder, so that a second try finds what ccache kept of the first.
STAGE=/usr/src/.$NAME-$VERSION
rm -rf "$STAGE"
TEMPORARY+=("$STAGE")
copy_sources "$STAGE/source"

if is_installed "$STAGE/source"; then
	say "$NAME $VERSION is already installed for $RELEASE"
else
	install_packages
	cp -r "$STAGE/source" "$STAGE/trial"
	try_build "$STAGE/trial"
	replace
	say "installed $NAME $VERSION for $RELEASE"
fi
mkdir -p "${AT_BOOT%/*}"
printf '%s\n' "$NAME" >"$AT_BOOT"
if is_running; then
	load
	say "now: cat /proc/net/$NAME"
else
	say "$NAME loads when $RELEASE boots; then: cat /proc/net/$NAME"
fi
