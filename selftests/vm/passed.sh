# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Remembers which files have passed a check, so that they are not checked again. Only for a
# check that looks at nothing but the file, its name, and what it is told on its command
# line, and that comes to the same result each time. Sourced after lib.sh.

# What has passed: of earlier runs, and in this one
declare -A passed_before=() passed_now=()
# What is in each file
declare -A passed_content=()

# passed_begin NAME TOOL FILE...: TOOL is all that the results depend on beside the file
passed_begin() {
	local line sum file

	passed_list=$TW_CACHE/passed/$1
	passed_tool=$(sha256sum <<<"$2" | cut -c1-16)
	shift 2
	mkdir -p "${passed_list%/*}"
	if [ -e "$passed_list" ]; then
		while IFS= read -r line; do
			passed_before[$line]=1
		done <"$passed_list"
	fi
	while read -r sum file; do
		passed_content[$file]=$sum
	done < <(sha256sum -- "$@")
}

passed_key() {
	printf -v key '%s %s %s %s' "$passed_tool" "${passed_content[$1]}" "${2:--}" "$1"
}

# has_passed FILE [ARGUMENTS]
has_passed() {
	local key

	passed_key "$@"
	[ -n "${passed_before[$key]-}" ] || return
	passed_now[$key]=1
}

# it_passed FILE [ARGUMENTS]
it_passed() {
	local key

	passed_key "$@"
	passed_now[$key]=1
}

# What is not as it was, or is gone, is forgotten.
passed_end() {
	[ ${#passed_now[@]} = 0 ] ||
		printf '%s\n' "${!passed_now[@]}" >"$passed_list.$$"
	[ ! -e "$passed_list.$$" ] || mv "$passed_list.$$" "$passed_list"
}
