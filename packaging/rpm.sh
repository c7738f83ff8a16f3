#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# rpm.sh [FOLDER] (make rpm): builds the packages tw_summary-dkms and tw_summary-tools for
# Red Hat's systems, and their source package, in FOLDER (packaging/out).
set -euo pipefail
shopt -s nullglob
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

out=$(out_folder "${1-}")
version=$(project_version)
"$TOP/packaging/tools.sh" rpmbuild:rpm
start_stage rpm
copy_project "$stage/$NAME-$version"
mkdir -p "$stage/top/SOURCES"
tar -C "$stage" -czf "$stage/top/SOURCES/$NAME-$version.tar.gz" "$NAME-$version"
say "building the packages of $NAME $version"
# What it builds with is looked for in rpm's data base, which Debian does not keep.
rpmbuild -ba --nodeps --define "_topdir $stage/top" \
	"$stage/$NAME-$version/packaging/rpm/$NAME.spec" >>"$LOG" 2>&1 </dev/null ||
	die_with_log "rpmbuild fails"
rm -f "$out/$NAME"-*.rpm
cp "$stage"/top/RPMS/*/*.rpm "$stage"/top/SRPMS/*.rpm "$out/"
ls "$out/$NAME"-*.rpm
