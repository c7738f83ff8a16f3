#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# dkms.sh: tests dkms.conf and `make install` with the dkms of Debian 12 and 13
# in Debian 12 trees made for it, so this machine stays as it is, and in a guest
# that loads what dkms has built. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
STEP=dkms
# shellcheck source=selftests/vm/steps/machine.sh
. "$TW_VM/steps/machine.sh"

# Two kernels that this tree's compiler builds for; the guest boots the first.
KERNELS=(6.1 6.12)

# by_hand COMMAND VERSION [ARGS...]: dkms as its manual has it.
by_hand() {
	in_tree dkms "$1" -m tw_summary -v "$2" "${@:3}"
}

put_sources() {
	rm -rf "$ROOT/usr/src/tw_summary-$2"
	cp -r "$ROOT/$1" "$ROOT/usr/src/tw_summary-$2"
}

# What dkms has put on the machine, kept, and there again without a build.
keep_as() {
	tar -C "$ROOT" -cf "$WORK/$1.tar" var/lib/dkms/tw_summary lib/modules \
		"usr/src/tw_summary-$OLD"
}

bring_back() {
	tar -C "$ROOT" -xf "$WORK/$1.tar"
}

# What a build needs and nothing else was copied.
copied_little() {
	[ "$(cd "$ROOT/usr/src/tw_summary-$VERSION" && find . -type f \
		! -name '*.[ch]' | LC_ALL=C sort | xargs)" = \
		"./Kbuild ./Makefile ./dkms.conf ./module/compat/features.mk" ] &&
		[ ! -e "$ROOT/usr/src/tw_summary-$VERSION/module/tests" ]
}

# install FOLDER RELEASE: make install there, output in $ROOT/tmp/said as well.
install() {
	in_tree make -C "/$1" --no-print-directory install TW_RELEASE="$2" \
		>"$ROOT/tmp/said" 2>&1
	local status=$?

	cat "$ROOT/tmp/said"
	return $status
}

uninstall() {
	in_tree make -C /sources --no-print-directory uninstall \
		TW_RELEASE="${releases[0]}" >"$ROOT/tmp/said" 2>&1
	local status=$?

	cat "$ROOT/tmp/said"
	return $status
}

kernels "${KERNELS[@]}"
first=${releases[0]}
second=${releases[1]}
dkms12=$(dkms_package bookworm)
dkms13=$(dkms_package trixie)
echo "# $("$dkms12/usr/sbin/dkms" --version), $("$dkms13/usr/sbin/dkms" --version)," \
	"kernels ${releases[*]}"

"$TW_VM/steps/dkms-tree.sh" "$WORK/12" "$dkms12" "${KERNELS[@]}"
machine 12
# The older version is little, because what dkms does with it does not depend on that.
variant older "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$OLD\"/" dkms.conf
printf '%s\n' 'obj-m := tw_summary.o' >"$ROOT/older/Kbuild"
printf '%s\n' '#include <linux/module.h>' 'MODULE_DESCRIPTION("an older version");' \
	'MODULE_LICENSE("GPL");' "MODULE_VERSION(\"$OLD\");" >"$ROOT/older/tw_summary.c"
variant broken '1i #error broken on purpose' module/main.c
state >"$WORK/before"

# dkms by hand
put_sources older $OLD
check "add an older version" by_hand add $OLD
check "build it" by_hand build $OLD -k "$first"
check "install it" by_hand install $OLD -k "$first"
check "build and install it for a second kernel" by_hand install $OLD -k "$second"
check "both kernels have the older one" all_have $OLD
keep_as older
put_sources sources "$VERSION"
check "add this version beside it" by_hand add "$VERSION"
for r in "${releases[@]}"; do
	check "upgrade $r" by_hand install "$VERSION" -k "$r"
done
remove_older() {
	by_hand remove $OLD --all && [ ! -e "$ROOT/var/lib/dkms/tw_summary/$OLD" ]
}
check "remove the older version" remove_older
check "both kernels have $VERSION, as modinfo, dkms.conf and dkms say" \
	all_have "$VERSION"
check "remove it" by_hand remove "$VERSION" --all
rm -rf "$ROOT/usr/src/tw_summary-$OLD" "$ROOT/usr/src/tw_summary-$VERSION"
check "nothing is left" as_before "$WORK/before"

# make install
bring_back older
check "both kernels have the older one again" all_have $OLD
check "make install replaces the older version" install sources "$first"
check "on both kernels" all_have "$VERSION"
check "the older sources are gone" [ ! -e "$ROOT/usr/src/tw_summary-$OLD" ]
check "only what a build needs was copied" copied_little
check "it loads at boot" \
	grep -qx tw_summary "$ROOT/etc/modules-load.d/tw_summary.conf"
state >"$WORK/installed"
check "make install again" install sources "$first"
check "has nothing to do" grep -q 'already installed' "$ROOT/tmp/said"
check "and changes nothing" as_before "$WORK/installed"
check "what does not build is refused with its reason" \
	fails_saying 'does not build.*broken on purpose' install broken "$first"
check "and what was installed stays" as_before "$WORK/installed"
check "a kernel without headers is refused in one line" \
	fails_saying '^install.sh: .*headers' install sources 6.1.0-999-amd64

# What dkms has installed, as it is, in a guest of that kernel.
guest_has_it() {
	local f dir=$WORK/guest

	mkdir -p "$dir/sources" "$dir/tw"
	for f in "/usr/src/tw_summary-$VERSION" /var/lib/dkms/tw_summary /usr/sbin/dkms \
		/etc/dkms /etc/os-release "/lib/modules/$first/updates"; do
		(cd "$ROOT" && cp -r --parents ".$f" "$dir/")
	done
	cp -r "$ROOT/sources/." "$dir/sources/"
	cp "$TW_VM/inside/dkms.sh" "$dir/tw/"
	"$TW_VM/guest/run.sh" --kernel "${KERNELS[0]}" --add "$dir" \
		--log "$TW_CACHE/logs/dkms-guest.log" -- bash /tw/dkms.sh
}
check "a guest loads it with modprobe and make install and uninstall work there" \
	guest_has_it

check "make uninstall" uninstall
check "leaves nothing behind" as_before "$WORK/before"
check "make uninstall again" uninstall
check "changes nothing" as_before "$WORK/before"

# A machine that has neither dkms nor headers, and an apt-get that brings them.
"$TW_VM/steps/dkms-tree.sh" "$WORK/13" "" "${KERNELS[0]}"
machine 13
mkdir "$ROOT/packages"
cp -r "$dkms13" "$ROOT/packages/dkms"
mv "$ROOT/lib/modules/$first/build" "$ROOT/packages/build"
check "without apt-get the missing packages are named" \
	fails_saying "^install.sh: .*dkms.*$first.*apt-get" install sources "$first"
cat >"$ROOT/usr/bin/apt-get" <<END
#!/bin/sh
case "\$*" in
*" install "*) echo "\$*" | sed 's/.* install //' >/tmp/asked ;;
*) exit 0 ;;
esac
cp -r /packages/dkms/. /
mv /packages/build /lib/modules/$first/build
END
chmod 755 "$ROOT/usr/bin/apt-get"
check "make install with packages missing, dkms of Debian 13" \
	install sources "$first"
check "asks apt-get for them" \
	grep -qx "dkms linux-headers-$first" "$ROOT/tmp/asked"
check "and says so" \
	grep -qx "installing dkms linux-headers-$first" "$ROOT/tmp/said"
check "is installed" loads_version "$VERSION" "$first"
check "dkms of Debian 13 removes it" uninstall
check "from its tree too" [ ! -e "$ROOT/var/lib/dkms/tw_summary" ]

# add_says_deprecated FOLDER: dkms, told to add FOLDER, says so of its dkms.conf.
add_says_deprecated() {
	put_sources "$1" "$VERSION"
	by_hand add "$VERSION" >"$WORK/said" 2>&1 || {
		cat "$WORK/said"
		return 2
	}
	by_hand remove "$VERSION" --all >/dev/null 2>&1
	grep -i deprecat "$WORK/said"
}

# CLEAN is deprecated too, but no dkms says so yet.
nothing_deprecated() {
	local status=0

	add_says_deprecated sources || status=$?
	[ $status = 1 ] && ! grep '^CLEAN' "$ROOT/sources/dkms.conf"
}

variant deprecated "\$a REMAKE_INITRD=no" dkms.conf
check "a key that is deprecated is seen" add_says_deprecated deprecated
check "dkms.conf has none" nothing_deprecated

# Kernels that the module is not for: the headers are changed to be theirs.
build_in_tree() {
	in_tree make -C /sources --no-print-directory \
		KDIR="/lib/modules/$first/build" "$@"
}

dkms_leaves_alone() {
	put_sources sources "$VERSION"
	fails_saying 'BUILD_EXCLUSIVE directive' \
		by_hand build "$VERSION" -k "$1"
}

headers=$ROOT/usr/src/linux-headers-$first
# Red Hat's 5.14 has pde_data(), which came with 5.17.
version_h=$headers/include/generated/uapi/linux/version.h
cp "$version_h" "$WORK/version.h"
sed -i "s/^#define LINUX_VERSION_CODE .*/#define LINUX_VERSION_CODE $(((5 << 16) + (14 << 8)))/" \
	"$version_h"
check "builds on a 5.14 that has pde_data()" build_in_tree
build_in_tree clean >/dev/null 2>&1
cp "$WORK/version.h" "$version_h"
sed -i 's/^CONFIG_INET=y/# CONFIG_INET is not set/' \
	"$headers/.config" "$headers/include/config/auto.conf"
check "without CONFIG_INET make refuses with a sentence" \
	fails_saying 'tw_summary needs a kernel with CONFIG_INET' build_in_tree
check "without CONFIG_INET dkms leaves it alone" dkms_leaves_alone "$first"
sed -i 's/^# CONFIG_INET is not set/CONFIG_INET=y/' \
	"$headers/.config" "$headers/include/config/auto.conf"
sed -i -e 's/^VERSION = .*/VERSION = 5/' -e 's/^PATCHLEVEL = .*/PATCHLEVEL = 9/' \
	"${headers%-*}-common/Makefile"
check "on 5.9 make refuses with a sentence" \
	fails_saying 'tw_summary needs Linux 5.10 or newer, this is 5.9' build_in_tree
check "on 5.9 make install says the same" \
	fails_saying '^install.sh: .*needs Linux 5.10 or newer' \
	install sources "$first"
check "make clean works there" build_in_tree clean
mv "$ROOT/lib/modules/$first" "$ROOT/lib/modules/5.9.0-1-amd64"
check "5.9 dkms leaves alone" dkms_leaves_alone 5.9.0-1-amd64

tap_end
