#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# report.sh: the page that `twstat --report` writes, in Debian's headless Chromium, as TAP.
# Pictures of it stay in the folder of the logs, to be looked at.
set -euo pipefail
# shellcheck source=selftests/vm/lib.sh
. "$(dirname "$0")/../lib.sh"

"$TW_VM/kernels/packages.sh" python3:python3 \
	chromium-headless-shell:chromium-headless-shell \
	/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core
TW_PICTURES=${TW_LOG:-$TW_CACHE/logs/report.log}
TW_PICTURES=${TW_PICTURES%.log}.pictures
export TW_PICTURES
mkdir -p "$TW_PICTURES"
say "pictures: $TW_PICTURES"
exec python3 "$TW_TOP/tools/tests/run.py" '*_in_browser.py'
