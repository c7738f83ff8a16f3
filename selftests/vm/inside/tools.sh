#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tools.sh: in a guest with Debian's programs in /servers and our tools in
# /servers/usr/local (tw_guest_with_tools): makes twstat, python3 and man commands of the
# guest. They see its files in /dev, /proc, /sys, /tmp, /run and /root.
set -eu

for folder in dev proc sys tmp run root; do
	mkdir -p /servers/$folder
	mount --bind /$folder /servers/$folder
done
[ -e /servers/bin/sh ] || cp -L /bin/bash /servers/bin/sh
mkdir -p /usr/local/bin

# command NAME LINE...: a script of this name
command() {
	printf '%s\n' '#!/bin/bash' "${@:2}" >"/usr/local/bin/$1"
	chmod 755 "/usr/local/bin/$1"
}

# in_servers PROGRAM: a command that runs it, where it was called
in_servers() {
	# shellcheck disable=SC2016 # the script expands it
	command "${1##*/}" 'exec chroot /servers /bin/sh -c '\''
		cd "$1" 2>/dev/null; shift; exec "$@"'\'' - "$PWD" '"$1"' "$@"'
}
in_servers /usr/bin/python3
in_servers /usr/local/bin/twstat
# shellcheck disable=SC2016 # the script expands it
command man 'page=$(ls /servers/usr/local/share/man/man*/"${!#}".* 2>/dev/null)' \
	'[ -n "$page" ] || { echo "man: there are twstat and tw_summary" >&2; exit 1; }' \
	'columns=$(stty size <&1 2>/dev/null) columns=${columns#* }' \
	'chroot /servers mandoc -T ascii -O "width=$((${columns:-80} - 2))" "${page#/servers}" |' \
	"sed \$'s/.\\b//g' | { if [ -t 1 ]; then less; else cat; fi; }"
