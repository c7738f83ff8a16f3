# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Which kernels Debian offers. It is looked up, because the mirror changes every day: a
# kernel comes in several uploads, old ones go, new branches come. Sourced after apt.sh.
#
# An ABI is what stands between linux-image- and the flavour: 6.1.0-57, 7.3.4+deb13.

# The releases to look for kernels in: the first one that has a branch decides. Each has a
# compiler in toolchain.sh.
TW_RELEASES=(bullseye bookworm trixie)

# tw_offers RELEASE: "PACKAGE VERSION" for each package of a kernel that it offers, the
# newest version first. Status 1 without its package lists.
tw_offers() {
	local dir=$TW_CACHE/apt/$1 names

	tw_apt_ready "$1" || return 1
	if [ ! "$dir/offers" -nt "$dir/lists-of" ]; then
		mapfile -t names < <(tw_apt "$1" apt-cache pkgnames linux- | grep -E \
			'^linux-(headers|image|binary|modules|base|kbuild|source)-[0-9]')
		tw_apt "$1" apt-cache madison "${names[@]}" |
			awk '{ print $1, $3 }' >"$dir/offers.$$"
		mv "$dir/offers.$$" "$dir/offers"
	fi
	cat "$dir/offers"
}

# tw_abis BRANCH FLAVOUR <OFFERS: the ABIs of a branch, the newest first: those with
# headers. The archive keeps old images, but no old headers.
tw_abis() {
	local branch=${1//./\\.}

	[ "$1" != any ] || branch='[0-9]*\.[0-9]*'
	sed -n 's/^linux-headers-\('"$branch"'\.[0-9.]*\(-[0-9]*\)\{0,1\}\(+deb[0-9.]*\)\{0,1\}\)-'"$2"' .*/\1/p' |
		sort -uVr
}

# tw_packages_of ABI FLAVOUR <OFFERS: the packages of a kernel, "NAME=VERSION" each, the
# headers first. If they are not all offered: "missing NAME", status 1.
#
# Debian publishes headers and unsigned image first. The signed image comes hours or days
# later from another source package; it is the same but for the signature. From 7.x on the
# image is in three packages.
tw_packages_of() {
	awk -v abi="$1" -v flavour="$2" '
	function take(name, alternative) {
		if (missing)
			return
		if ((name, version) in offered)
			list = list name "=" version "\n"
		else if ((alternative, version) in offered)
			list = list alternative "=" version "\n"
		else
			missing = name
	}
	{
		offered[$1, $2]
		if (!($1 in newest))
			newest[$1] = $2
	}
	END {
		branch = abi
		match(branch, /^[0-9]+\.[0-9]+/)
		branch = substr(branch, 1, RLENGTH)
		of = "-" abi "-" flavour
		version = newest["linux-headers" of]
		take("linux-headers" of)
		take("linux-headers-" abi "-common" (flavour ~ /^rt-/ ? "-rt" : ""))
		if ("linux-binary" of in newest || "linux-modules" of in newest) {
			take("linux-binary" of, "linux-binary" of "-unsigned")
			take("linux-modules" of)
			take("linux-base" of)
		} else {
			take("linux-image" of, "linux-image" of "-unsigned")
		}
		# Up to 6.1 one package serves all ABIs of the branch.
		kbuild = "linux-kbuild-" branch
		if (!(kbuild in newest))
			kbuild = "linux-kbuild-" abi
		version = newest[kbuild]
		take(kbuild)
		if (missing) {
			print "missing " missing
			exit 1
		}
		printf "%s", list
	}'
}

# tw_newer_branches: branches newer than the newest tested one that Debian offers, oldest
# first, the two newest at most.
tw_newer_branches() {
	local release

	for release in "${TW_RELEASES[@]}"; do
		tw_offers "$release" | tw_abis any amd64 || :
	done | sed 's/^\([0-9]*\.[0-9]*\).*/\1/' | sort -uV - <(echo "${TW_TESTED[-1]}") |
		sed "1,/^${TW_TESTED[-1]//./\\.}\$/d" | tail -n 2
}
