#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What `make vm` runs before its shell: the module and the tools are there.
set -eu

modprobe tw_summary
/tw/tools.sh
cat <<'END'
The module is loaded: cat /proc/net/tw_summary. There are twstat, python3, man twstat and
man tw_summary; ip, ss and sysctl; the tests in /selftests, and /selftests/tw_traffic to make
traffic; Debian's nginx, haproxy and ab in /servers (chroot /servers nginx).
END
