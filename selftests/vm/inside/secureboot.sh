#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In a guest with Secure Boot: which of the modules the kernel takes.
dmesg | grep -iE 'secure ?boot|X.509 cert'
updates=/lib/modules/$(uname -r)/updates
mkdir -p "$updates"
for signed in db none other; do
	cp /tw/$signed.ko "$updates/tw_summary.ko"
	depmod -a
	if said=$(modprobe tw_summary 2>&1); then
		echo "$signed: loaded"
		cat /proc/net/tw_summary
		rmmod tw_summary
	else
		echo "$signed: $said"
	fi
done
dmesg | grep -i 'unsigned\|key\|lockdown'
