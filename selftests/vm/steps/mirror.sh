#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# mirror.sh: which kernels the harness takes from a mirror that is half updated, has lost a
# branch, has a new one, or does not answer, and what the check makes of it. It makes small
# mirrors of its own, with packages of a few bytes; no kernel is booted. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"

"$TW_VM/kernels/packages.sh" dpkg-scanpackages:dpkg-dev
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-mirror.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
SUITES=(bullseye bullseye-security bookworm bookworm-security trixie trixie-security
	trixie-backports)
# Nothing of the run that we are a step of.
unset TW_RUN_KERNELS TW_UNAVAILABLE "${!TW_KERNEL_@}"
# The oldest and the newest tested branch
OLDEST=${TW_TESTED[0]}
NEWEST=${TW_TESTED[-1]}

# deb SUITE NAME VERSION [FILE...]: a package in the pool, with these files, which are in
# $tmp/files
deb() {
	local suite=$1 name=$2 version=$3 root=$tmp/package

	shift 3
	mkdir -p "$root/DEBIAN" "$mirror/pool/$suite"
	printf '%s\n' "Package: $name" "Version: $version" "Architecture: amd64" \
		"Maintainer: nobody <nobody@invalid>" "Description: test" >"$root/DEBIAN/control"
	[ $# = 0 ] || (cd "$tmp/files" && cp -r --parents "$@" "$root")
	dpkg-deb --root-owner-group -Znone -b "$root" \
		"$mirror/pool/$suite/${name}_${version}_amd64.deb" >/dev/null
	rm -rf "$root"
}

# image: a kernel as vmlinux.sh unpacks it: a header, and what gzip has packed
image() {
	printf '\177ELF' | gzip >"$tmp/packed"
	{
		head -c 497 /dev/zero
		printf '\1'
		head -c 90 /dev/zero
		printf "\\x$(printf %x "$(stat -c %s "$tmp/packed")")"
		head -c 435 /dev/zero
		cat "$tmp/packed"
	} >"$1"
}

# kernel SUITE ABI VERSION: all packages of a kernel, the unsigned image too
kernel() {
	local suite=$1 abi=$2 version=$3 name=$2-amd64 lib=lib/modules/$2-amd64 kbuild

	rm -rf "$tmp/files"
	# Up to 6.1 one package has the tools for all ABIs of a branch.
	case $abi in
	5.* | 6.1.*) kbuild=linux-kbuild-${abi%.0-*} ;;
	*) kbuild=linux-kbuild-$abi ;;
	esac
	mkdir -p "$tmp/files/boot" "$tmp/files/$lib/kernel/net" \
		"$tmp/files/usr/src/linux-headers-$name" "$tmp/files/usr/lib/$kbuild/scripts"
	image "$tmp/files/boot/vmlinuz-$name"
	echo "# $version" | tee "$tmp/files/boot/config-$name" "$tmp/files/$lib/config" \
		>"$tmp/files/usr/src/linux-headers-$name/Makefile"
	cp "$tmp/files/boot/vmlinuz-$name" "$tmp/files/$lib/vmlinuz"
	touch "$tmp/files/$lib/kernel/net/vrf.ko"
	deb "$suite" "linux-headers-$name" "$version" "usr/src/linux-headers-$name"
	deb "$suite" "linux-headers-$abi-common" "$version"
	deb "$suite" "$kbuild" "$version" "usr/lib/$kbuild"
	case $abi in
	[56].*)
		deb "$suite" "linux-image-$name" "$version" boot "$lib/kernel"
		deb "$suite" "linux-image-$name-unsigned" "$version" boot "$lib/kernel" ;;
	*)
		deb "$suite" "linux-image-$name" "$version"
		deb "$suite" "linux-binary-$name" "$version" "$lib/vmlinuz"
		deb "$suite" "linux-modules-$name" "$version" "$lib/kernel"
		deb "$suite" "linux-base-$name" "$version" "$lib/config" ;;
	esac
}

# list: the package lists of $mirror, as its pool is now; those that are newer than it stay
list() {
	local suite dir

	for suite in "${SUITES[@]}"; do
		dir=$mirror/dists/$suite/main/binary-amd64
		mkdir -p "$dir" "$mirror/pool/$suite"
		! [ "$dir/Packages" -nt "$mirror/pool/$suite" ] || continue
		(cd "$mirror" && dpkg-scanpackages -m "pool/$suite" 2>/dev/null) >"$dir/Packages"
	done
}

# use_mirror NAME: $mirror is a copy of the whole one, $TW_CACHE an empty one
use_mirror() {
	mirror=$tmp/$1
	[ ! -e "$tmp/whole" ] || cp -a "$tmp/whole" "$mirror"
	export TW_MIRROR="[trusted=yes] file://$mirror" TW_CACHE=$tmp/cache-$1
}

# not_offered WORD...: the pool of $mirror has no package of such a name any more
not_offered() {
	local word

	for word; do
		rm "$mirror"/pool/*/$word*
	done
	list
}

# takes KERNEL NAME IMAGE [SENTENCE]: kernels.sh takes that kernel, with that image, and says
# that, or nothing
takes() {
	local dir

	"$TW_VM/kernels/kernels.sh" "$1" >"$tmp/out" 2>"$tmp/err" || return 1
	grep -v '^fetching' "$tmp/err" >"$tmp/said" || :
	dir=$(cat "$tmp/out")
	cat "$tmp/said" "$dir/release" "$dir/image"
	[ "$(cat "$dir/release") $(cat "$dir/image")" = "$2 $3" ] &&
		[ -s "$dir/vmlinux" ] && [ -e "$dir/modules/kernel/net/vrf.ko" ] || return 1
	if [ -n "${4:-}" ]; then grep -qF "$4" "$tmp/said"; else ! [ -s "$tmp/said" ]; fi
}

# finds STATUS LINE...: ready.sh ends with that and prints these lines, without what comes
# after their words
finds() {
	local status=0 want=$1

	shift
	"$TW_VM/kernels/ready.sh" >"$tmp/out" 2>"$tmp/err" || status=$?
	cat "$tmp/out" "$tmp/err"
	[ "$status" = "$want" ] && [ "$(wc -l <"$tmp/out")" = $# ] || return 1
	for line; do
		grep -q "^$line\([ ,]\|\$\)" "$tmp/out" || return 1
	done
}

# all_but KERNEL...: what ready.sh finds in a mirror that lacks these branches
all_but() {
	local k lines=()

	for k in "${TW_TESTED[@]}"; do
		if tw_is_one_of "$k" "$@"; then
			lines+=("left $k Debian offers no kernel $k, and none is in the cache")
		else
			lines+=("used $k $(newest_abi "$k")")
		fi
	done
	finds 0 "${lines[@]}"
}

newest_abi() {
	case $1 in
	5.10 | 6.1) echo "$1.0-57" ;;
	*) echo "$1.9+deb" ;;
	esac
}

check() {
	local what=$1 status=0

	shift
	"$@" >"$tmp/why" 2>&1 || status=1
	tap_result $status "mirror: $what" "$tmp/why"
}

# What check.sh counts is shown in a copy of the harness whose steps have one point each, and
# which needs no compiler and no kernel of our own.
harness=$tmp/harness
mkdir -p "$harness/selftests" "$harness/module/compute"
cp "$TW_TOP/module/compute/tested_branches.h" "$harness/module/compute/"
cp -r "$TW_VM" "$TW_TOP"/selftests/{lib,*.sh} "$harness/selftests/"
mkdir "$harness/selftests/fuzz"
for f in "$harness"/selftests/{vm/steps/*.sh,vm/planted/run.sh,fuzz/run.sh}; do
	printf '%s\n' '#!/bin/sh' 'echo ok 1 - one' 'echo 1..1' >"$f"
	chmod 755 "$f"
done
for f in vm/kernels/toolchain.sh vm/own/kernel.sh vm/guest/run.sh; do
	printf '%s\n' '#!/bin/sh' 'echo /' >"$harness/selftests/$f"
done

# a_step_does NAME LINE...: in the copy, the step's program is these lines of sh
a_step_does() {
	local program=$harness/selftests/vm/steps/$1.sh

	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$program"
}

# counts STATUS TOTAL SENTENCE...: the check in the copy ends with that, and says each
counts() {
	local status=0 want=$1 total=$2 sentence

	shift 2
	"$harness/selftests/vm/check.sh" >"$tmp/out" 2>"$tmp/err" </dev/null || status=$?
	cat "$tmp/out" "$tmp/err"
	[ "$status" = "$want" ] && [ "$(tail -n 1 "$tmp/out")" = "$total" ] || return 1
	for sentence; do
		grep -qF "$sentence" "$tmp/err" || return 1
	done
}

use_mirror whole
for k in "${TW_TESTED[@]}"; do
	case $k in
	5.10) kernel bullseye-security 5.10.0-57 5.10.9-1 ;;
	6.1)
		kernel bookworm 6.1.0-56 6.1.8-1
		kernel bookworm-security 6.1.0-57 6.1.9-1 ;;
	6.12) kernel bookworm-security 6.12.9+deb "6.12.9-1~deb12u1" ;;
	*) kernel trixie-backports "$k.9+deb" "$k.9-1~bpo13+1" ;;
	esac
done
list
check "a whole mirror has all tested branches" all_but
check "the newest ABI is taken" takes 6.1 6.1.0-57-amd64 linux-image-6.1.0-57-amd64
TW_KERNEL_6_1=6.1.0-56 check "another one is pinned" \
	takes 6.1 6.1.0-56-amd64 linux-image-6.1.0-56-amd64
TW_KERNEL_6_1=6.1.0-3 check "a pinned one that nobody has is a failure" \
	finds 0 "used $OLDEST" "left 6.1 Debian offers no kernel 6.1 6.1.0-3" \
	"used 6.12" "used 7.2" "used $NEWEST"

before="using 6.1.0-56-amd64 instead"
use_mirror image
not_offered linux-image-6.1.0-57-amd64
check "without the newest image, the one before" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 \
	"does not offer linux-image-6.1.0-57-amd64: $before"

use_mirror unsigned
not_offered linux-image-6.1.0-57-amd64_
check "an unsigned image will do" takes 6.1 6.1.0-57-amd64 linux-image-6.1.0-57-amd64-unsigned

use_mirror lagging
not_offered linux-image-6.1.0-57-amd64
kernel bookworm 6.1.0-57 6.1.9-0
rm "$mirror"/pool/bookworm/linux-[hk]*6.1.0-57*
list
check "an image of an older build than its headers will not" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 "does not offer linux-image-6.1.0-57-amd64: $before"

use_mirror headers
not_offered linux-headers-6.1.0-57-amd64
check "without the newest headers, the one before" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64

use_mirror common
not_offered linux-headers-6.1.0-57-common
check "without their common part too" takes 6.1 6.1.0-56-amd64 linux-image-6.1.0-56-amd64 \
	"does not offer linux-headers-6.1.0-57-common: $before"

use_mirror kbuild
kernel bookworm 6.12.8+deb "6.12.8-1~deb12u1"
not_offered linux-kbuild-6.12.9
check "and without the tools that build modules" takes 6.12 6.12.8+deb-amd64 \
	linux-image-6.12.8+deb-amd64 "does not offer linux-kbuild-6.12.9+deb"

use_mirror modules
not_offered "linux-modules-$NEWEST"
check "without the modules of its image, a kernel is left" finds 1 \
	"used $OLDEST" "used 6.1" "used 6.12" "used 7.2" "left $NEWEST"

use_mirror gone
not_offered "*7.2.9"
check "a branch that is gone is left" all_but 7.2
not_offered "*$OLDEST.0"
rm -r "$TW_CACHE"
check "two branches that are gone are left" all_but 7.2 "$OLDEST"

use_mirror newer
kernel trixie-backports 99.1.9+deb "99.1.9-1~bpo13+1"
kernel trixie-backports 99.2.9+deb "99.2.9-1~bpo13+1"
kernel trixie-backports 99.3.9+deb "99.3.9-1~bpo13+1"
not_offered "*$NEWEST.9"
check "the two newest branches are taken, tested or not" finds 0 "used $OLDEST" "used 6.1" \
	"used 6.12" "used 7.2" "left $NEWEST" "used 99.2" "used 99.3"

use_mirror listed
rm "$mirror"/pool/bookworm-security/linux-headers-6.1.0-57-common*
check "a package that is listed and gone: the one before" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 "$before"
check "and so at the next step, without another download" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 "$before"

use_mirror truncated
truncate -s -9 "$mirror"/pool/bookworm-security/linux-image-6.1.0-57-amd64_*
check "a truncated package: the one before" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 "$before"

use_mirror checksum
printf x | dd of="$(echo "$mirror"/pool/bookworm-security/linux-image-6.1.0-57-amd64_*)" \
	bs=1 seek=200 conv=notrunc status=none
check "a wrong checksum: the one before" takes 6.1 6.1.0-56-amd64 \
	linux-image-6.1.0-56-amd64 "$before"

use_mirror yesterday
"$TW_VM/kernels/series.sh" >/dev/null
not_offered linux-headers-6.1.0-57 linux-headers-6.1.0-56
kernel bookworm-security 6.1.0-58 6.1.10-1
list
check "lists of yesterday are fetched again" takes 6.1 6.1.0-58-amd64 \
	linux-image-6.1.0-58-amd64 "cannot download"

use_mirror suite
rm -r "$mirror/dists/trixie-backports"
check "a suite that is missing leaves its branches only" finds 1 "used $OLDEST" "used 6.1" \
	"used 6.12" "left 7.2" "left $NEWEST"

use_mirror release
rm -r "$mirror/dists/bullseye" "$mirror/dists/bullseye-security"
check "a release that is not there any more too" finds 0 "left $OLDEST" "used 6.1" \
	"used 6.12" "used 7.2" "used $NEWEST"

use_mirror away
"$TW_VM/kernels/ready.sh" >/dev/null 2>&1
mv "$mirror" "$mirror.not"
touch -d "3 days ago" "$TW_CACHE"/apt/*/{fresh,lists-of}
day=$(date -d "3 days ago" +%F)
check "no mirror: the cache, and of which day it is" takes 6.1 6.1.0-57-amd64 \
	linux-image-6.1.0-57-amd64 "going on with those of $day"
check "has all branches" finds 0 "used $OLDEST" "used 6.1" "used 6.12" "used 7.2" \
	"used $NEWEST"
rm -r "$TW_CACHE/apt"
check "no mirror and no lists: what was used last" takes 6.1 6.1.0-57-amd64 \
	linux-image-6.1.0-57-amd64 \
	"(no package lists of bullseye bookworm trixie): using 6.1.0-57-amd64 of the cache, of the lists of $day"
rm -r "$TW_CACHE/kernels"
check "no mirror and no cache is a failure" finds 1 "left $OLDEST" "left 6.1" "left 6.12" \
	"left 7.2" "left $NEWEST"
check "which says what a run needs" grep -q "a run needs kernel $NEWEST or a newer one" "$tmp/err"

use_mirror old
not_offered "*7.2.9" "*$NEWEST.9"
check "no new kernel is a failure" finds 1 "used $OLDEST" "used 6.1" "used 6.12" \
	"left 7.2" "left $NEWEST"
use_mirror new
not_offered "*5.10.0" "*6.1.0" "*6.12.9"
check "no long-term kernel is a failure" finds 1 "left 5.10" "left 6.1" "left 6.12" \
	"used 7.2" "used $NEWEST"

use_mirror counted
not_offered "*7.2.9" "*$OLDEST.0"
kernel trixie-backports 99.1.9+deb "99.1.9-1~bpo13+1"
list
"$harness/selftests/vm/check.sh" >"$tmp/out" 2>/dev/null </dev/null || :
read -r passed _ failed _ skipped _ < <(tail -n 1 "$tmp/out")
echo "# $passed passed, $failed failed, $skipped skipped"
check "the steps of branches that are gone are skips, a new one counts by itself" \
	counts 0 "$passed passed, 0 failed, 5 skipped" \
	"tests-7.2: Debian offers no kernel 7.2, and none is in the cache" \
	"races-$OLDEST: Debian offers no kernel $OLDEST" \
	"new: 99.1, 3 of 3 passed; not yet in the list of tested kernels" \
	"6.1: 6.1.0-57-amd64, linux-image-6.1.0-57-amd64 6.1.9-1, package lists of $(date +%F)"
TW_COMPLETE=1 check "or failures, for a release" \
	counts 1 "$passed passed, 5 failed, 0 skipped"
a_step_does rpm '. "${0%/*}/../lib.sh"' 'tw_unavailable "no rpm today"'
sed -i '1s,.*,#!/usr/bin/env bash,' "$harness/selftests/vm/steps/rpm.sh"
check "a step that cannot begin without what is not to be had is a skip" \
	counts 0 "$((passed - 1)) passed, 0 failed, 6 skipped" "rpm: no rpm today"
a_step_does rpm 'echo ok 1 - one' 'exit 4'
check "one that ends so after its first point is a failure" \
	counts 1 "$passed passed, 1 failed, 5 skipped"
a_step_does rpm 'once=$0.once' '[ -e $once ] || { touch $once; exit 123; }' 'echo ok 1 - one' \
	'echo 1..1'
check "one whose guest QEMU has failed is run again, and that is said" \
	counts 0 "$passed passed, 0 failed, 5 skipped" \
	"run twice, because QEMU has failed a guest: rpm"
a_step_does rpm 'exit 123'
check "but not a third time" counts 1 "$((passed - 1)) passed, 1 failed, 5 skipped"
a_step_does rpm 'echo ok 1 - one' 'echo 1..1'
a_step_does tests 'case $2 in 99*) echo not ok 1 - one ;; *) echo ok 1 - one ;; esac' 'echo 1..1'
check "what fails on a new branch is said" \
	counts 0 "$passed passed, 0 failed, 5 skipped" "new: 99.1, 1 of 3 passed"
tap_end
