#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# deb.sh [FOLDER] (make deb): builds the Debian packages tw-summary-dkms and
# tw-summary-tools, and their source package, in FOLDER (packaging/out).
set -euo pipefail
shopt -s extglob
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

out=$(out_folder "${1-}")
version=$(project_version)
"$TOP/packaging/tools.sh" dpkg-buildpackage:dpkg-dev dh:debhelper dh_dkms:dh-dkms \
	fakeroot:fakeroot python3:python3
start_stage deb
source=$stage/tw-summary-$version
copy_project "$source"
cp -r "$source/packaging/debian" "$source/debian"
say "building the packages of $NAME $version"
# dpkg would want the package build-essential too, whose compilers nothing here needs.
(cd "$source" && dpkg-buildpackage -d -us -uc) >>"$LOG" 2>&1 </dev/null ||
	die_with_log "dpkg-buildpackage fails"
rm -f "$out"/tw-summary*
cp "$stage"/tw-summary?(-dkms|-tools)_* "$out/"
ls "$out"/tw-summary*
