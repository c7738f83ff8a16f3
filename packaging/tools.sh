#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tools.sh PROGRAM:PACKAGE...: installs the Debian packages of programs that are missing.
# Without root or apt it stops with the list of them.
set -euo pipefail
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

missing=()
for n; do
	command -v "${n%%:*}" >/dev/null || missing+=("${n#*:}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null ||
	die "there is no apt-get here; please install: ${missing[*]}"
[ "$(id -u)" = 0 ] || die "please install (as root): apt-get install ${missing[*]}"
start_log tools
install_by_apt "${missing[@]}"
