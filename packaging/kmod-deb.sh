#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kmod-deb.sh (make kmod-deb KVER=... KEY=... CERT=... [KDIR=...] [OUT=...]): builds a
# Debian package with the module for one kernel, signed: servers then need no compiler, and
# one key of the organisation does for all of them. KVER is the kernel's release (uname -r
# there), KDIR its build folder, KEY and CERT are PEM files; without them the module is not
# signed.
set -euo pipefail
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

kver=${KVER:-$(uname -r)}
kdir=${KDIR:-/lib/modules/$kver/build}
out=$(out_folder "${OUT-}")
version=$(project_version)
package=tw-summary-modules-$kver

[ -e "$kdir/Makefile" ] || die "$kdir has no headers of kernel $kver"
case ${KEY:+key}${CERT:+cert} in
key) die "KEY= goes with CERT=" ;;
cert) die "CERT= goes with KEY=" ;;
esac
for f in ${KEY:+"$KEY"} ${CERT:+"$CERT"}; do
	[ -r "$f" ] || die "$f cannot be read"
done
start_stage kmod-deb
copy_project "$stage/source"

say "building $NAME $version for $kver"
make -C "$stage/source" -j"$(nproc)" KDIR="$kdir" modules >>"$LOG" 2>&1 </dev/null ||
	die_with_log "$NAME does not build for $kver"
ko=$stage/source/$NAME.ko
[ "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" = "$kver" ] ||
	die "$kdir is of another kernel: $(modinfo -F vermagic "$ko" | cut -d' ' -f1)"
# As dkms does: what is signed is what is loaded.
strip --strip-debug "$ko"
if [ -n "${KEY-}" ]; then
	"$kdir/scripts/sign-file" sha256 "$KEY" "$CERT" "$ko" >>"$LOG" 2>&1 ||
		die_with_log "the module cannot be signed with $KEY"
fi
root=$stage/root
install -D -m 644 "$ko" "$root/lib/modules/$kver/updates/$NAME.ko"
mkdir -p "$root/usr/lib/modules-load.d" "$root/DEBIAN"
printf '%s\n' "$NAME" >"$root/usr/lib/modules-load.d/$NAME-$kver.conf"
cat >"$root/DEBIAN/control" <<END
Package: $package
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: tw_summary authors <maintainers@tw-summary.invalid>
Section: kernel
Priority: optional
Depends: kmod
Recommends: linux-image-$kver, tw-summary-tools
Conflicts: tw-summary-dkms
Description: which destinations run out of local ports (module for $kver)
 The kernel module tw_summary, built for one kernel$([ -z "${KEY-}" ] || echo " and signed").
END
for script in postinst postrm; do
	printf '%s\n' '#!/bin/sh' 'set -e' "[ ! -d /lib/modules/$kver ] || depmod $kver" \
		>"$root/DEBIAN/$script"
	chmod 755 "$root/DEBIAN/$script"
done
dpkg-deb --root-owner-group -b "$root" "$out/${package}_${version}.deb" >>"$LOG" 2>&1 ||
	die_with_log "dpkg-deb fails"
say "$out/${package}_${version}.deb"
