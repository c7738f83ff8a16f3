#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# deb.sh: builds the Debian packages, has lintian look at them, and installs, upgrades,
# removes and purges them by dpkg, with the real dkms, in a Debian 12 tree made for it. A
# guest that systemd boots loads what dkms has built. In another one dpkg upgrades, removes and
# purges packages whose units run; these do not depend on the kernel, so it is User-mode Linux,
# which is ten times as fast, where that runs. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
"$TW_VM/kernels/packages.sh" lintian:lintian "${TW_MAKES_DEB[@]}"
STEP=deb
# shellcheck source=selftests/vm/steps/machine.sh
. "$TW_VM/steps/machine.sh"

KERNELS=(6.1)
kernels "${KERNELS[@]}"
first=${releases[0]}
dkms12=$(dkms_package bookworm)
systemd=$("$TW_VM/steps/systemd-tree.sh" | tail -n 1)

check "make deb" make -s -C "$TW_TOP" deb "OUT=$WORK/out"
# What is answered here, because a lintian that does not know a tag takes an override of it for
# an error: without systemd twstat does all that its units do, cron can call it; and the
# Standards-Version is that of Debian 12.
suppressed=() tags=
for tag in package-supports-alternative-init-but-no-init.d-script \
	out-of-date-standards-version; do
	! lintian-explain-tags "$tag" >/dev/null 2>&1 || tags+=${tags:+,}$tag
done
[ -z "$tags" ] || suppressed=(--suppress-tags "$tags")
check "lintian has nothing to say, not even a pedantic thing" \
	lintian --allow-root --pedantic --display-info "${suppressed[@]}" \
	--fail-on error,warning,info,pedantic "$WORK"/out/*.changes
planted_error() {
	dpkg-deb -R "$WORK/out/tw-summary-tools_${VERSION}_all.deb" "$WORK/bad" &&
		rm "$WORK/bad/usr/share/doc/tw-summary-tools/copyright" &&
		dpkg-deb -b "$WORK/bad" "$WORK/bad.deb" || return 1
	! lintian --allow-root --fail-on error,warning "$WORK/bad.deb"
}
check "which sees a planted error" planted_error

# An older version: the same packages with a little module in them, and with the settings in
# a file that came after those of the administrator.
older() {
	local src=$WORK/older

	# shellcheck source=packaging/lib.sh
	(. "$TW_TOP/packaging/lib.sh" && copy_project "$src") || return 1
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$OLD\"/" "$src/dkms.conf"
	sed -i "1s/(.*)/($OLD)/" "$src/packaging/debian/changelog"
	printf '%s\n' 'obj-m := tw_summary.o' 'tw_summary-y := module/old.o' >"$src/Kbuild"
	printf '%s\n' '#include <linux/module.h>' 'MODULE_LICENSE("GPL");' \
		"MODULE_VERSION(\"$OLD\");" >"$src/module/old.c"
	rm "$src"/packaging/debian/*.maintscript
	# shellcheck disable=SC2016 # install.sh expands it
	sed -i '/50-\$NAME.conf/s|sysctl.d/"$|sysctl.d/$NAME.conf"|' "$src/packaging/install.sh"
	make -s -C "$src" deb "OUT=$WORK/out-older"
}
check "make deb of an older version" older

"$TW_VM/steps/dkms-tree.sh" "$WORK/12" "$dkms12" "${KERNELS[@]}"
machine 12
mkdir -p "$ROOT/packages" "$ROOT"/var/lib/dpkg/{info,updates,triggers}
cp "$WORK"/out/*.deb "$WORK"/out-older/*.deb "$ROOT/packages/"
touch "$ROOT/var/lib/dpkg/status" "$ROOT/var/lib/dpkg/available"
tw_apt_download bookworm "$WORK/deb" init-system-helpers
dpkg-deb -x "$WORK"/deb/init-system-helpers_*.deb "$ROOT"
# dpkg wants it; the packages have no libraries.
[ -e "$ROOT/usr/sbin/ldconfig" ] || ln -s /bin/true "$ROOT/usr/sbin/ldconfig"

# What dkms and Python bring is there, or is not needed here, but dpkg does not know it.
by_dpkg() {
	in_tree dpkg --force-depends "$@"
}

install_version() {
	by_dpkg -i "/packages/tw-summary-dkms_$1_all.deb" \
		"/packages/tw-summary-tools_$1_all.deb" &&
		[ -e "$ROOT/usr/src/tw_summary-$1/dkms.conf" ] &&
		status_is "$(installed_line "$1" "$first")" &&
		loads_version "$1" "$first"
}

only_in() {
	[ -e "$ROOT/usr/src/tw_summary-$1" ] && [ ! -e "$ROOT/usr/src/tw_summary-$2" ] &&
		[ ! -e "$ROOT/var/lib/dkms/tw_summary/$2" ]
}

check "dpkg installs the older version, dkms builds it" install_version $OLD
echo '-net.tw_summary.monitor_interval_ms = 5000' >"$ROOT/etc/sysctl.d/tw_summary.conf"
check "dpkg installs this version over it" install_version "$VERSION"
check "nothing is left of the older one" only_in "$VERSION" $OLD
settings_stay() {
	ls "$ROOT/etc/sysctl.d"
	grep -x -- '-net.tw_summary.monitor_interval_ms = 5000' \
		"$ROOT/etc/sysctl.d/50-tw_summary.conf" &&
		[ ! -e "$ROOT/etc/sysctl.d/tw_summary.conf" ]
}
check "the settings of the administrator stay, in the file of that name now" settings_stay
check "it loads at boot" \
	grep -qx tw_summary "$ROOT/usr/lib/modules-load.d/tw_summary.conf"
by_make() {
	in_tree make -C /sources --no-print-directory "$1" TW_RELEASE="$first"
}
state >"$WORK/installed"
for target in install uninstall; do
	check "make $target leaves it to the package" \
		fails_saying "^$target.sh: the package tw-summary-dkms" by_make $target
done
check "and changes nothing" as_before "$WORK/installed"

# The packages' own tests, as autopkgtest starts them. Python is not in the tree.
own_test_of_dkms() {
	cp "$TW_TOP/packaging/debian/tests/dkms" "$ROOT/tmp/" && in_tree sh /tmp/dkms
}
own_test_of_twstat() {
	make -s -C "$TW_TOP" install-tools "DESTDIR=" "PREFIX=$WORK/tools" &&
		(cd "$WORK" && PATH=$WORK/tools/bin:$PATH \
			sh "$TW_TOP/packaging/debian/tests/twstat")
}
check "the test in the module's package" own_test_of_dkms
check "the test in the tools' package" own_test_of_twstat
if command -v systemd-analyze >/dev/null; then
	check "systemd has no complaint about the units" \
		systemd-analyze verify --man=no "$WORK"/tools/lib/systemd/system/*
else
	tap_point ok "deb: systemd has no complaint about the units # SKIP no systemd here"
fi

# in_machine: what the module's package has brought, for the guest's root, whose /lib and the
# like are links into /usr
in_machine() {
	local dir=$WORK/guest-deb/machine

	mkdir -p "$dir"/{packages,etc/sysctl.d,var/lib/dpkg/info} \
		"$dir/usr/lib/modules/$first" &&
		(cd "$ROOT" && cp -r --parents -t "$dir" usr/src/tw_summary-* usr/sbin/dkms \
			usr/lib/dkms usr/lib/modules-load.d var/lib/dkms etc/dkms etc/sysctl.d) &&
		cp -r "$ROOT/lib/modules/$first/updates" "$dir/usr/lib/modules/$first/" &&
		cp "$ROOT"/var/lib/dpkg/info/tw-summary-dkms.* "$dir/var/lib/dpkg/info/" &&
		{
			cat "$systemd/machine/var/lib/dpkg/status"
			in_tree dpkg -s tw-summary-dkms
			echo
		} >"$dir/var/lib/dpkg/status" &&
		cp "$WORK"/out/tw-summary-dkms_*.deb "$dir/packages/"
}

# with_tools: the packages of the tools, and what loads the module
with_tools() {
	local dir=$WORK/guest-units/machine

	mkdir -p "$dir"/{packages,etc/modules-load.d} &&
		cp "$WORK"/out*/tw-summary-tools_*.deb "$dir/packages/" &&
		echo tw_summary >"$dir/etc/modules-load.d/tw_summary.conf"
}

# guest KERNEL PROGRAM "ARGUMENT..." [OPTION...]: the points of inside/PROGRAM.sh in a guest
# that systemd has booted, with what is in $WORK/guest-PROGRAM and a setting of an administrator
guest() {
	local kernel=$1 program=$2 dir=$WORK/guest-$2 args

	read -ra args <<<"$3"
	shift 3
	mkdir -p "$dir/tw" "$dir/machine/etc/sysctl.d"
	echo 'net.tw_summary.monitor_interval_ms = 7000' \
		>"$dir/machine/etc/sysctl.d/99-local.conf"
	cp "$TW_VM"/inside/{systemd,points,"$program"}.sh "$dir/tw/"
	"$TW_VM/guest/run.sh" --kernel "$kernel" --add "$systemd" --add "$dir" --icount "$@" \
		--append rdinit=/tw/systemd.sh --log "$TW_CACHE/logs/deb-$program.log" -- \
		bash "/tw/$program.sh" "${args[@]}"
}

# points NAME COMMAND...: the points that COMMAND prints, as many as inside/NAME.sh has
points() {
	local name=$1

	shift
	"$@" >"$WORK/points" 2>>"$LOG" || echo "# the guest has failed, see $LOG" >>"$WORK/points"
	tap_include "deb: $name" \
		"$(grep -cE '^[[:space:]]*check "' "$TW_VM/inside/$name.sh")" <"$WORK/points"
}

on_debian() {
	in_machine && guest "${KERNELS[0]}" deb "$VERSION"
}

units_of_tools() {
	local kernel=uml-time built

	# What our kernels are made of may not be had today.
	[ -z "${TW_NO_UML:-}" ] && "$TW_VM/kernels/kernels.sh" $kernel >/dev/null ||
		kernel=${KERNELS[0]}
	built=$("$TW_VM/kernels/build.sh" "$kernel" "$TW_TOP" | tail -n 1) && with_tools &&
		guest "$kernel" units "$OLD $VERSION" --module "$built/tw_summary.ko"
}

points deb on_debian
points units units_of_tools

remove_it() {
	by_dpkg -r tw-summary-dkms tw-summary-tools && status_is &&
		[ -e "$ROOT/etc/sysctl.d/50-tw_summary.conf" ] &&
		[ ! -e "$ROOT/usr/src/tw_summary-$VERSION" ] &&
		[ ! -e "$ROOT$(ko_of "$first")" ]
}
check "dpkg removes both, but for the settings" remove_it
check "dpkg purges them" by_dpkg -P tw-summary-dkms tw-summary-tools
nothing_left() {
	local left

	left=$(in_tree find / -xdev '(' -path /proc -o -path /tmp -o -path /sources \
		-o -path /packages -o -path /ccache ')' -prune -o \
		'(' -name '*tw[-_]summary*' -o -name '*twstat*' ')' -print)
	echo "$left"
	[ -z "$left" ]
}
check "and nothing of them is left" nothing_left
tap_end
