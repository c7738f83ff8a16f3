#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# packages.sh [PROGRAM:PACKAGE | /FILE:PACKAGE...]: installs the Debian packages that the
# harness needs, and those named, if the machine lacks them.
# Without root or apt it stops with the list of them.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

# program:package. A program that is there is not asked about its package.
NEEDED=(
	gcc:gcc
	make:make
	cpio:cpio
	xz:xz-utils
	zstd:zstd
	bzip2:bzip2
	lz4:lz4
	unshare:util-linux
	flock:util-linux
	mount:mount
	patch:patch
	ip:iproute2
	ss:iproute2
	sysctl:procps
	modprobe:kmod
	timeout:coreutils
	shellcheck:shellcheck
	qemu-system-x86_64:qemu-system-x86
	bash-static:bash-static
	bc:bc
	ccache:ccache
	bison:bison
	flex:flex
	openssl:openssl
	sparse:sparse
	bpftrace:bpftrace
	trace-cmd:trace-cmd
	perf:linux-perf
)
# Packages known by a file instead of a program.
NEEDED_FILES=(
	/usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
	/usr/include/stdio.h:libc6-dev
	/usr/include/libelf.h:libelf-dev
	/usr/include/openssl/opensslv.h:libssl-dev
)

for n; do
	case $n in
	/*) NEEDED_FILES+=("$n") ;;
	*) NEEDED+=("$n") ;;
	esac
done

PATH=$PATH:/usr/sbin:/sbin
[ "$(uname -m)" = x86_64 ] || die "the harness needs an x86_64 machine"

missing=()
for n in "${NEEDED[@]}"; do
	command -v "${n%%:*}" >/dev/null || missing+=("${n#*:}")
done
for n in "${NEEDED_FILES[@]}"; do
	[ -e "${n%%:*}" ] || missing+=("${n#*:}")
done
# busybox and busybox-static share a program name; only one is static.
if ! bb=$(command -v busybox) || ldd "$bb" >/dev/null 2>&1; then
	missing+=(busybox-static)
fi
# perl-base has not all that checkpatch asks for.
perl -MTerm::ANSIColor -MEncode -e 1 2>/dev/null || missing+=(perl)
[ ${#missing[@]} -gt 0 ] || exit 0
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

command -v apt-get >/dev/null ||
	die "there is no apt-get here; please install: ${missing[*]}"
[ "$(id -u)" = 0 ] ||
	die "please install (as root): apt-get install ${missing[*]}"

say "installing ${missing[*]}"
mkdir -p "$TW_CACHE/logs"
# Two steps at once: apt waits for the lock of dpkg, and not for that of its own lists.
tw_lock packages
log=$TW_CACHE/logs/packages.log
apt=(apt-get -o DPkg::Lock::Timeout=600 -y)
# The lists at hand may do where new ones cannot be fetched.
{
	"${apt[@]}" update || :
	DEBIAN_FRONTEND=noninteractive "${apt[@]}" install \
		--no-install-recommends "${missing[@]}"
} >"$log" 2>&1 </dev/null || {
	tw_unavailable "cannot install ${missing[*]} (no network?), see $log"
	exit
}
