#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rpm.sh: builds the packages for Red Hat's systems, has rpmlint look at them, and compares
# their files with those of the Debian packages. They are not installed: there is no such
# machine here. Prints TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/lib/tap.sh
. "$TW_TOP/selftests/lib/tap.sh"
"$TW_VM/kernels/packages.sh" rpmbuild:rpm rpmlint:rpmlint "${TW_MAKES_DEB[@]}"

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tw-rpm.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# check WHAT COMMAND...
check() {
	local what=$1 status=0

	shift
	"$@" >"$tmp/why" 2>&1 </dev/null || status=1
	tap_result $status "rpm: $what" "$tmp/why"
}

lint() {
	rpmlint -c "$TW_TOP/packaging/rpm/rpmlint.toml" "$@" >"$tmp/said" || :
	cat "$tmp/said"
	grep -q ' 0 errors, 0 warnings' "$tmp/said"
}

# rpmlint is asked of a package whose files nobody owns.
planted_error() {
	sed 's|^%license LICENSE|%attr(0777, nobody, nobody) README.md|' \
		"$TW_TOP/packaging/rpm/tw_summary.spec" >"$tmp/bad.spec"
	sed -i '/^Summary:/s/$/./; /^License:/d' "$tmp/bad.spec"
	! lint "$tmp/bad.spec"
}

# What each system has in a place or form of its own.
on_either() {
	sed 's|^/usr/lib/systemd|/lib/systemd|; s|\.gz$||'
}

files_of_rpm() {
	rpm -qlp "$tmp"/out/tw_summary-"$1"-*.noarch.rpm | on_either
}

files_of_deb() {
	dpkg -c "$tmp"/deb/tw-summary-"$1"_*.deb | sed 's|.* \./|/|; s|/$||' |
		on_either
}

same_files() {
	diff <(files_of_deb "$1" | grep -E "$2" | sort) \
		<(files_of_rpm "$1" | grep -E "$2" | sort)
}

check "make rpm" make -s -C "$TW_TOP" rpm "OUT=$tmp/out"
check "rpmlint has no error and no warning" lint "$tmp"/out/*.rpm \
	"$TW_TOP/packaging/rpm/tw_summary.spec"
check "which sees planted errors" planted_error
check "make deb" make -s -C "$TW_TOP" deb "OUT=$tmp/deb"
check "the module's package has the files of Debian's" \
	same_files dkms '^/(usr/src/|etc/|usr/lib/modules-load.d/)tw_summary|^/etc/sysctl.d/'
check "the tools' package has them too" \
	same_files tools '^/(usr/s?bin|usr/share/(tw_summary|man|bash)|lib/systemd).*/[^/]*\.|/twstat$'
tap_end
