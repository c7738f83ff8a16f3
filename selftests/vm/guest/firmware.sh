#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# firmware.sh KERNEL FOLDER: for run.sh --firmware. Makes in FOLDER
#	image		Debian's kernel, signed for OVMF's test keys
#	variables	OVMF's variables with these keys and Secure Boot switched on
#	db.key, db.pem	the key and its certificate, which is in db
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

[ $# = 2 ] || die "usage: firmware.sh KERNEL FOLDER"
"$TW_VM/kernels/packages.sh" /usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd:ovmf sbsign:sbsigntool
kdir=$("$TW_VM/kernels/kernels.sh" "$1" | tail -n 1)
cd "$2"
# The password of the test key is its name.
openssl rsa -in /usr/share/ovmf/PkKek-1-snakeoil.key -passin pass:snakeoil -out db.key \
	2>/dev/null
cp /usr/share/ovmf/PkKek-1-snakeoil.pem db.pem
sbsign --key db.key --cert db.pem --output image "$kdir/bzImage" >/dev/null 2>&1 ||
	die "cannot sign $kdir/bzImage"
cp /usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd variables
