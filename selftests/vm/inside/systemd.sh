#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In a guest whose real root is in /machine (steps/systemd-tree.sh). As its first process
# (rdinit=) it makes /machine the root and becomes systemd. As the unit tw-command.service
# it runs the command of /tw/command on ttyS1 and carries its exit status out, as init does.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C TW_GUEST=1

boot() {
	local units=/machine/etc/systemd/system

	mkdir -p /machine/tw $units/multi-user.target.wants
	cp /tw/* /machine/tw/
	cp -r /lib/modules/. /machine/usr/lib/modules/
	cat >$units/tw-command.service <<-END
		[Unit]
		Description=What this guest is for

		[Service]
		Type=exec
		ExecStart=/bin/bash /tw/systemd.sh command
	END
	ln -s ../tw-command.service $units/multi-user.target.wants/
	chroot /machine /usr/sbin/depmod "$(uname -r)"
	# As switch_root has it: what is mounted on / is the root from now on.
	mount --bind /machine /machine
	cd /machine || exit
	mount --move . /
	exec chroot . /lib/systemd/systemd
}

command() {
	stty -F /dev/ttyS1 raw -echo
	exec </dev/null >/dev/ttyS1 2>&1
	cd /root || exit
	bash /tw/command
	printf 'tw-guest-exit: %d\n' $?
	# Ends QEMU (its isa-debug-exit device).
	printf '\0' | dd of=/dev/port bs=1 seek=$((0xf4)) conv=notrunc 2>/dev/null
	systemctl poweroff --force --force
}

case ${1-} in
command) command ;;
*) boot ;;
esac
