#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kunit.sh MODULE...: loads KUnit modules, which runs their tests, and prints
# the results as debugfs holds them: whole, unlike the kernel log of a guest
# with more to say.
results=/sys/kernel/debug/kunit
for module; do
	modprobe "$module" || exit
	for suite in "$results"/*/results; do
		[ ! -e "$suite" ] || cat "$suite"
	done
	rmmod "$module" || exit
done
