#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# twstat.sh: the tests of twstat that need no module, as TAP.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

"$TW_VM/kernels/packages.sh" /usr/bin/python3:python3 mandoc:mandoc \
	/usr/lib/python3/dist-packages/pyte/screens.py:python3-pyte
# promtool, for the rules and the dashboard; without it their tests are left out.
if programs=$("$TW_VM/kernels/programs.sh" fleet | tail -n 1); then
	PATH=$PATH:$programs/fleet/usr/bin
fi
exec /usr/bin/python3 "$TW_TOP/tools/tests/run.py"
