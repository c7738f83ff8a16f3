#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# intree-source.sh SOURCE COPIES COMMAND...: runs COMMAND in a kernel's SOURCE that has this
# checkout in it. The folders that intree.sh changes are copied to COPIES, and the copies
# mounted over them: all others see SOURCE as it is, and ccache knows each path again.
# To be run in a mount namespace of its own, which takes the mounts away again.
set -euo pipefail

source=$1
copies=$2
shift 2
for folder in net/ipv4 tools/testing/selftests/net; do
	if [ ! -d "$copies/$folder" ]; then
		mkdir -p "$copies/$folder"
		cp -a "$source/$folder/." "$copies/$folder"
	fi
	mount --bind "$copies/$folder" "$source/$folder"
done
"$(dirname "$0")/../../intree.sh" "$source"
cd "$source"
exec "$@"
