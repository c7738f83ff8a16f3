# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Gets the kernel proper out of a bzImage. Sourced after lib.sh.

# tw_le BYTES FILE OFFSET: an unsigned little-endian number in FILE.
tw_le() {
	od -An -v -t "u$1" -j "$3" -N "$1" --endian=little "$2" | tr -d ' '
}

# tw_vmlinux BZIMAGE OUT: the setup header (Documentation/arch/x86/boot.rst)
# says where the packed kernel begins and how long it is.
tw_vmlinux() {
	local setup_sects offset length magic unpack

	setup_sects=$(tw_le 1 "$1" $((0x1f1)))
	[ "$setup_sects" != 0 ] || setup_sects=4
	offset=$(((setup_sects + 1) * 512 + $(tw_le 4 "$1" $((0x248)))))
	length=$(tw_le 4 "$1" $((0x24c)))
	magic=$(od -An -v -t x1 -j "$offset" -N 4 "$1" | tr -d ' ')
	# All but gzip's have the unpacked size appended, which is not theirs.
	case $magic in
	1f8b*) unpack="gzip -dc" ;;
	fd377a58) unpack="xz -dc" length=$((length - 4)) ;;
	28b52ffd) unpack="zstd -dcq" length=$((length - 4)) ;;
	02214c18) unpack="lz4 -dcq" length=$((length - 4)) ;;
	425a68*) unpack="bzip2 -dc" length=$((length - 4)) ;;
	*) return 1 ;;
	esac
	# In this order no part of the pipe ends before its input does.
	head -c $((offset + length)) "$1" | tail -c "$length" |
		$unpack >"$2" || return 1
	[ "$(od -An -t x1 -N 4 "$2" | tr -d ' ')" = 7f454c46 ]
}
