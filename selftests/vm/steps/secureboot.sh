#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# secureboot.sh: make kmod-deb, and whether a machine with Secure Boot loads what it has
# built: a guest that OVMF boots with its test keys, Debian's kernel signed for them.
# Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
STEP=secureboot
# shellcheck source=selftests/vm/steps/machine.sh
. "$TW_VM/steps/machine.sh"

KERNEL=6.1
kernels $KERNEL
first=${releases[0]}
mkdir "$WORK/firmware"
"$TW_VM/guest/firmware.sh" $KERNEL "$WORK/firmware"
"$TW_VM/steps/dkms-tree.sh" "$WORK/12" "" $KERNEL
machine 12
openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=somebody else/" \
	-keyout "$ROOT/tmp/other.key" -out "$ROOT/tmp/other.pem" 2>/dev/null
cp "$WORK/firmware"/db.{key,pem} "$ROOT/tmp/"

# ccache knows again only what was compiled in a folder of the same name. So kmod-deb.sh works
# in one whose name is always the same.
mkdir "$ROOT/same"
cat >"$ROOT/same/mktemp" <<'END'
#!/bin/sh
[ "$1" = -d ] || exec /bin/mktemp "$@"
mkdir "${2%.XXXXXX}" && echo "${2%.XXXXXX}"
END
chmod 755 "$ROOT/same/mktemp"

# kmod_deb NAME [MAKE-ARGUMENT...]: its module is $WORK/guest/tw/NAME.ko
kmod_deb() {
	local name=$1 deb

	shift
	in_tree PATH=/same:/ccache/bin:/usr/sbin:/usr/bin:/sbin:/bin make -C /sources \
		--no-print-directory kmod-deb KVER="$first" OUT="/tmp/$name" "$@" || return 1
	deb=$(echo "$ROOT/tmp/$name"/*.deb)
	dpkg-deb -x "$deb" "$WORK/$name"
	mkdir -p "$WORK/guest/tw"
	cp "$WORK/$name/lib/modules/$first/updates/tw_summary.ko" "$WORK/guest/tw/$name.ko"
}

# signer NAME IS
signer() {
	local signer

	signer=$(modinfo -F signer "$WORK/guest/tw/$1.ko")
	echo "signer: $signer"
	[ "$signer" = "$2" ]
}

check "make kmod-deb, signed with the key of db" \
	kmod_deb db KEY=/tmp/db.key CERT=/tmp/db.pem
# The certificate of a newer ovmf has a common name, which counts.
check "modinfo names the signer" signer db "$(openssl x509 -in "$WORK/firmware/db.pem" \
	-noout -subject -nameopt multiline |
	sed -n -E 's/.*(organization|common)Name *= //p' | tail -n 1)"
check "make kmod-deb, signed with another key" \
	kmod_deb other KEY=/tmp/other.key CERT=/tmp/other.pem
check "make kmod-deb without a key" kmod_deb none
check "which is not signed" signer none ""
check "a key without its certificate is refused" \
	fails_saying '^kmod-deb.sh: KEY= goes with CERT=' kmod_deb half KEY=/tmp/db.key
check "a kernel without headers too" fails_saying '^kmod-deb.sh: .*no headers of kernel' \
	in_tree make -C /sources --no-print-directory kmod-deb KVER=6.1.0-999-amd64

# What the guest says, a line for each attempt.
cp "$TW_VM/inside/secureboot.sh" "$WORK/guest/tw/"
"$TW_VM/guest/run.sh" --kernel $KERNEL --add "$WORK/guest" \
	--log "$TW_CACHE/logs/secureboot-guest.log" \
	--firmware "$WORK/firmware/image" "$WORK/firmware/variables" -- \
	bash /tw/secureboot.sh >"$WORK/guest-said" 2>&1 || :
said() {
	cat "$WORK/guest-said"
	grep -qF "$1" "$WORK/guest-said"
}
check "Secure Boot is on" said "Secure boot enabled"
check "the kernel knows the key of db" said "Loading X.509 certificate: UEFI:db"
check "the module that is signed with it loads" said "db: loaded"
# The documents show what a user sees.
message=$(grep -m 1 -o 'modprobe: ERROR: .*' "$TW_TOP/docs/install.md")
check "the one without a signature does not" said "none: $message"
check "nor does the one of another key" said "other: $message"
for why in "Loading of unsigned module is rejected" \
	"Loading of module with unavailable key is rejected"; do
	check "the kernel's log says: $why" said "$why"
	check "and so does docs/install.md" grep -qF "$why" "$TW_TOP/docs/install.md"
done
tap_end
