#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# uninstall.sh (make uninstall): takes away all that install.sh has brought, in
# any version and for all kernels. Packages that apt installed stay.
set -euo pipefail
# shellcheck source=packaging/lib.sh
. "$(dirname "$0")/lib.sh"

need_root
no_package
start_log uninstall
if is_loaded; then
	modprobe -r "$NAME" 2>>"$LOG" || rmmod "$NAME" 2>>"$LOG" ||
		die_with_log "$NAME is in use, nothing was removed"
fi
rm -f "$AT_BOOT"
forget || die_with_log "dkms cannot remove $NAME"
say "$NAME is not installed any more"
